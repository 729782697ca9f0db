"""Tell those who have copies by email what has to go from them."""

from datetime import timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from dataset_export.models import RemovalNotice
from dataset_export.removals.acknowledge import duty

# Authors change their minds at any hour; a reader of mail wants to hear of it in one piece.
MIN_INTERVAL = timedelta(hours=6)
log = structlog.get_logger()


def mail_notices() -> None:
    """Send each person one mail for each dataset that has news; what cannot be sent is tried again next time."""
    for user_id, name in due_recipients():
        try:
            mail_notices_of(user_id, name)
        except (SMTPException, OSError) as error:
            log.warning("removals not told", user=user_id, dataset=name, error=str(error))


def due_recipients() -> list[tuple[int, str]]:
    """Return whom to write about which dataset: those who can be reached and were not written to just now."""
    just_now = RemovalNotice.objects.filter(
        user=OuterRef("user"),
        announcement__snapshot__name=OuterRef("announcement__snapshot__name"),
        sent_at__gt=timezone.now() - MIN_INTERVAL,
    )
    unsent = RemovalNotice.objects.filter(
        ~Exists(just_now), sent_at=None, user__isnull=False
    ).exclude(user__email="")
    pairs = unsent.values_list("user", "announcement__snapshot__name").distinct()
    return list(pairs.order_by("user", "announcement__snapshot__name"))


@transaction.atomic
def mail_notices_of(user_id: int, name: str) -> None:
    """Send one person all that is unsent about one dataset, once: whoever else is at it finds nothing to do."""
    unsent = RemovalNotice.objects.filter(
        user=user_id, announcement__snapshot__name=name, sent_at=None
    )
    held = unsent.select_for_update(skip_locked=True, of=("self",)).order_by("announcement")
    notices = list(held.select_related("announcement__snapshot", "access__terms", "user"))
    if not notices or notices[0].user is None:
        return
    RemovalNotice.objects.filter(pk__in=[notice.pk for notice in notices]).update(
        sent_at=timezone.now()
    )
    user = notices[0].user
    send_mail(subject(name, notices), body(user, name, notices), None, [user.email])


def subject(name: str, notices: list[RemovalNotice]) -> str:
    if any(notice.announcement.is_withdrawal for notice in notices):
        return f"Delete your copies of the dataset {name}"
    return f"Posts to remove from your copies of the dataset {name}"


def body(user: User, name: str, notices: list[RemovalNotice], is_reminder: bool = False) -> str:
    context = {
        "user": user,
        "name": name,
        "is_reminder": is_reminder,
        "duty": duty(name, notices),
        "terms": notices[-1].access.terms,
        "site": settings.SITE_URL,
        "feed": settings.SITE_URL + reverse("dataset_export:api-removals", args=[name]),
        "page": settings.SITE_URL + reverse("dataset_export:access_requests"),
    }
    return render_to_string("dataset_export/removal_notice.txt", context)
