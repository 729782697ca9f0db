"""Transactional outbox for email: a request writes a row, a worker talks to the mail server.

Requests never wait for a mail server, mail is sent only if its cause was committed, and Redis can
be lost.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from smtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import DNS_NAME, EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import make_msgid
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from common.enqueue import enqueue_task
from common.models import OutgoingMail
from common.task_names import TaskName

DISABLED = "common.mail.DisabledEmailBackend"
# A key in an old mail is useless, and should not be stored.
MAX_AGE = timedelta(days=1)
# How long a worker owns a mail: longer than its task can last.
LEASE = timedelta(minutes=5)
_MIN_PAUSE, _MAX_PAUSE = timedelta(seconds=30), timedelta(hours=1)
# Per sweep; the next one takes the rest.
_SWEPT = 100
log = structlog.get_logger()


class QueuedEmailBackend(BaseEmailBackend):
    """Email backend that stores messages in the current transaction; EMAIL_TRANSPORT sends them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        messages = [message for message in email_messages if message.recipients()]
        for message in messages:
            row = OutgoingMail.objects.create(message=_to_json(message))
            transaction.on_commit(partial(enqueue_task, TaskName.MAIL_SEND, row.pk), robust=True)
        return len(messages)


class DisabledEmailBackend(BaseEmailBackend):
    """Email backend that drops messages and logs that it did, without the keys they contain."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        log.error("mail.not_sent", reason="EMAIL_URL is not set", mails=len(email_messages))
        return 0


def send_queued(pk: int) -> None:
    """Send a mail and delete it; failures are retried with growing delays."""
    mail = claim_mail(pk)
    if mail is None:
        return
    if mail.created_at < timezone.now() - MAX_AGE:
        log.error("mail.expired", mail=pk, attempts=mail.attempts)
        mail.delete()
        return
    message = _from_json(mail.message)
    message.connection = get_connection(settings.EMAIL_TRANSPORT)
    try:
        message.send()
    except Exception as error:
        # The error text may contain addresses.
        if is_permanent(error):
            log.error("mail.refused", mail=pk, error=type(error).__name__)
            mail.delete()
        else:
            log.warning("mail.waits", mail=pk, attempts=mail.attempts, error=type(error).__name__)
            OutgoingMail.objects.filter(pk=pk).update(
                due_at=timezone.now() + pause_after(mail.attempts)
            )
        return
    mail.delete()


def claim_mail(pk: int) -> OutgoingMail | None:
    """Claim a due mail for this worker; it becomes due again if the worker dies."""
    now = timezone.now()
    due = OutgoingMail.objects.filter(pk=pk, due_at__lte=now)
    if not due.update(due_at=now + LEASE, attempts=F("attempts") + 1):
        return None
    return OutgoingMail.objects.get(pk=pk)


def send_waiting() -> None:
    """Enqueue due mails whose task was lost or whose mail server was down."""
    due = OutgoingMail.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")
    for pk in due.values_list("pk", flat=True)[:_SWEPT]:
        enqueue_task(TaskName.MAIL_SEND, pk)


def pause_after(attempts: int) -> timedelta:
    return min(_MIN_PAUSE * 2 ** min(attempts - 1, 10), _MAX_PAUSE)


def is_permanent(error: Exception) -> bool:
    """Tell whether the mail server rejected this mail permanently (5xx)."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    about_mail = isinstance(error, SMTPResponseException) and error.smtp_code in (
        550,
        551,
        552,
        553,
        554,
        556,
    )
    # A rejected sender is a configuration error, which the operator fixes.
    return about_mail and not isinstance(error, SMTPSenderRefused)


def _to_json(message: EmailMessage) -> dict[str, Any]:
    """Serialize a message: text, alternatives and headers.

    Raises:
        ValueError: it has attachments.
    """
    if message.attachments:
        raise ValueError("Mails of this site have no attachments.")
    headers = {name: str(value) for name, value in message.extra_headers.items()}
    headers.setdefault("Message-ID", make_msgid(domain=str(DNS_NAME)))
    fields: dict[str, Any] = {
        "subject": str(message.subject),
        "body": str(message.body),
        "from_email": message.from_email,
        **{
            name: [str(address) for address in getattr(message, name)]
            for name in ("to", "cc", "bcc", "reply_to")
        },
        "headers": headers,
    }
    if isinstance(message, EmailMultiAlternatives):
        fields["alternatives"] = [
            [str(content), str(kind)] for content, kind in message.alternatives
        ]
    if message.content_subtype != "plain":
        fields["content_subtype"] = message.content_subtype
    return fields


def _from_json(fields: dict[str, Any]) -> EmailMultiAlternatives:
    given = dict(fields)
    subtype, alternatives = given.pop("content_subtype", "plain"), given.pop("alternatives", [])
    message = EmailMultiAlternatives(**given, alternatives=[tuple(pair) for pair in alternatives])
    message.content_subtype = subtype
    return message
