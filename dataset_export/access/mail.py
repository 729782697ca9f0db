from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from dataset_export.models import AccessRequest

_State = AccessRequest.State
SUBJECTS = {
    _State.GRANTED: "You have access to the dataset {}",
    _State.REFUSED: "Your request for the dataset {}",
    _State.REVOKED: "Your access to the dataset {} has ended",
}
log = structlog.get_logger()


def send_decisions() -> None:
    """Send the decisions to requesters; failures are retried."""
    for pk in AccessRequest.objects.unnotified().order_by("pk").values_list("pk", flat=True):
        try:
            tell_decision(pk)
        except (SMTPException, OSError) as error:
            log.warning("decision not sent", request=pk, error=str(error))


@transaction.atomic
def tell_decision(pk: int) -> None:
    """Send a decision exactly once: concurrent tasks skip it."""
    rows = AccessRequest.objects.unnotified().select_for_update(skip_locked=True, of=("self",))
    request = rows.filter(pk=pk).select_related("user").order_by("pk").first()
    if request is None:
        return
    AccessRequest.objects.filter(pk=pk).update(notified_at=timezone.now())
    if request.user is not None and request.user.email:
        send_mail(_subject(request), _body(request), None, [request.user.email])


def _subject(request: AccessRequest) -> str:
    return SUBJECTS[_State(request.state)].format(request.dataset)


def _body(request: AccessRequest) -> str:
    context = {
        "access": request,
        "page": settings.SITE_URL + reverse("dataset_export:access_requests"),
        "tokens": settings.SITE_URL + reverse("accounts:access_tokens"),
    }
    return render_to_string("dataset_export/access_decision.txt", context)
