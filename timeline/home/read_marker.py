from django.db.models import F, Value
from django.db.models.functions import Greatest

from accounts.models import User
from timeline.models import HomeReadMarker


def mark_home_read(*, user: User, up_to: int) -> None:
    """Advance the home read marker; it never goes back."""
    HomeReadMarker.objects.bulk_create(
        [HomeReadMarker(user=user, last_read_id=0)], ignore_conflicts=True
    )
    HomeReadMarker.objects.filter(user=user).update(
        last_read_id=Greatest(F("last_read_id"), Value(up_to))
    )
