from collections.abc import Collection

from django.db import transaction

from accounts.models import User
from timeline.models import (
    MutedNotificationKind,
    Notification,
    NotificationReadMarker,
    StaffMessage,
)


@transaction.atomic
def mark_read(*, user: User, up_to: int) -> None:
    """Advance the read marker, on every device; it never goes back."""
    newest = (
        Notification.objects.filter(recipient=user)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    last = min(up_to, newest or 0)
    NotificationReadMarker.objects.get_or_create(user=user)
    NotificationReadMarker.objects.filter(user=user, last_read_id__lt=last).update(
        last_read_id=last
    )


@transaction.atomic
def choose_kinds(*, user: User, wanted: Collection[str]) -> None:
    """Save the enabled kinds; muted ones reappear when enabled again."""
    MutedNotificationKind.objects.filter(user=user).delete()
    refused = [kind for kind in Notification.Kind.values if kind not in wanted]
    MutedNotificationKind.objects.bulk_create(
        MutedNotificationKind(user=user, kind=kind) for kind in refused
    )


@transaction.atomic
def send_staff_message(*, recipient: User, text: str, sent_by: User) -> StaffMessage:
    """Send a message to one user in the moderators' name."""
    message = StaffMessage.objects.create(recipient=recipient, text=text, sent_by=sent_by)
    Notification.objects.create(recipient=recipient, kind=Notification.Kind.STAFF, message=message)
    return message
