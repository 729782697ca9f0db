from collections.abc import Iterable

from django.utils import timezone

from accounts.models import User
from timeline.models import Trend


def moderate_trends(*, trends: Iterable[Trend], state: str, by: User) -> None:
    """Let trends be shown, or not; the newest decision counts, and holds for the next times too."""
    ids = [trend.pk for trend in trends]
    Trend.objects.filter(pk__in=ids).update(state=state, decided_by=by, decided_at=timezone.now())
