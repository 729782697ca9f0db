"""Write once more to downloaders who did not say within their terms that removals are applied."""

from datetime import timedelta

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from dataset_export import audit
from dataset_export.models import AuditEntry, RemovalNotice
from dataset_export.removals.mail import body, subject

# No more than one reminder in this time, whoever sends it.
BETWEEN_REMINDERS = timedelta(days=1)


class ReminderError(Exception):
    """This downloader is not written to now; the message says why."""


@transaction.atomic
def remind(*, notice: RemovalNotice, by: User) -> None:
    """Write to the receiver of a notice about all of its dataset that should be deleted by now.

    Raises:
        NotReminded: nothing is overdue, somebody reminded them already today, or there is no address.
        OSError: the mail could not be sent; nothing is noted.
    """
    name = notice.announcement.snapshot.name
    overdue = RemovalNotice.objects.overdue().filter(
        user=notice.user_id, announcement__snapshot__name=name
    )
    # Who comes second waits here, and then sees that it is done.
    held = overdue.select_for_update(of=("self",)).select_related(
        "announcement__snapshot", "access__terms", "user"
    )
    late = list(held.order_by("announcement"))
    if not late or late[0].user is None:
        raise ReminderError("nothing is overdue")
    now, user = timezone.now(), late[0].user
    if any(
        each.reminded_at is not None and each.reminded_at > now - BETWEEN_REMINDERS for each in late
    ):
        raise ReminderError("they were reminded within the last day")
    if not user.email or not user.is_active:
        raise ReminderError("they cannot be written to")
    RemovalNotice.objects.filter(pk__in=[each.pk for each in late]).update(reminded_at=now)
    # The grant, not the person: what stands in the log is never erased.
    newest = late[-1]
    audit.record(
        actor=by,
        act=AuditEntry.Act.HOLDER_REMINDED,
        object=newest.access,
        up_to=newest.announcement.answer,
    )
    send_mail(
        f"Reminder: {subject(name, late)}",
        body(user, name, late, is_reminder=True),
        None,
        [user.email],
    )
