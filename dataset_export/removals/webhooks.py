"""Tell programs of removals as Standard Webhooks asks for (https://www.standardwebhooks.com), until they answer."""

import base64
import hmac
import time
from datetime import timedelta
from typing import Any

import orjson
import structlog
from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.http_client import DeliveryError, post
from dataset_export.models import Webhook, WebhookMessage
from dataset_export.models.notification import new_webhook_secret

# How long after each attempt the next one follows; with the last of them it ends.
RETRY_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
# So many in a row, over all messages, and the webhook is switched off.
MAX_FAILURES = 12
# A task begins no further message after this long.
_SECONDS = 60
log = structlog.get_logger()


def set_webhook(*, user: User, dataset: str, url: str) -> Webhook:
    """Tell this address of removals from now on, under a new secret; another one before it is forgotten."""
    fresh = {
        "url": url,
        "secret": new_webhook_secret(),
        "failures": 0,
        "disabled_at": None,
        "error": "",
    }
    return Webhook.objects.update_or_create(user=user, dataset=dataset, defaults=fresh)[0]


def remove_webhook(*, user: User, dataset: str) -> None:
    Webhook.objects.filter(user=user, dataset=dataset).delete()


def send_messages() -> None:
    """Send what is due, the longest due first; what is not reached in time is for the next task."""
    deadline = time.monotonic() + _SECONDS
    due = WebhookMessage.objects.filter(next_at__lte=timezone.now(), webhook__disabled_at=None)
    for pk in list(due.order_by("next_at", "pk").values_list("pk", flat=True)):
        if time.monotonic() > deadline:
            return
        send_message(pk)


def send_message(pk: int) -> None:
    """Try a message once. If the worker dies on the way it is tried again; the other side knows it by its id."""
    message = claim_deliveries(pk)
    if message is None:
        return
    try:
        status = post(
            message.webhook.url, content := build_payload(message), signed_headers(message, content)
        )
        if not 200 <= status < 300:
            raise DeliveryError(f"The response status was {status}.")
    except DeliveryError as error:
        record_delivery_failure(message.webhook, str(error))
    else:
        WebhookMessage.objects.filter(pk=pk).update(delivered_at=timezone.now(), next_at=None)
        Webhook.objects.filter(pk=message.webhook_id).update(failures=0, error="")


def claim_deliveries(pk: int) -> WebhookMessage | None:
    """Return a message that is due with its next attempt noted, so that nobody else takes this one."""
    messages = WebhookMessage.objects.select_related("webhook", "announcement__snapshot")
    message, now = messages.filter(pk=pk).order_by("pk").first(), timezone.now()
    if message is None:
        return None
    pause = RETRY_DELAYS[message.attempts] if message.attempts < len(RETRY_DELAYS) else None
    due = WebhookMessage.objects.filter(pk=pk, attempts=message.attempts, next_at__lte=now)
    taken = due.update(attempts=F("attempts") + 1, next_at=now + pause if pause else None)
    return message if taken else None


def record_delivery_failure(webhook: Webhook, error: str) -> None:
    """Count a failure, and switch the webhook off when there were too many in a row."""
    ours = Webhook.objects.filter(pk=webhook.pk)
    ours.update(failures=F("failures") + 1, error=error)
    if ours.filter(failures__gte=MAX_FAILURES, disabled_at=None).update(disabled_at=timezone.now()):
        log.warning("webhook switched off", webhook=webhook.pk, error=error)


def build_payload(message: WebhookMessage) -> bytes:
    change = message.announcement
    name = change.snapshot.name
    content: dict[str, Any] = {
        "type": "dataset.withdrawn" if change.is_withdrawal else "dataset.rows_removed",
        "timestamp": change.at.isoformat(),
        "data": {
            "name": name,
            "revision": change.revision_name,
            "removed": change.rows,
            "feed": settings.SITE_URL + reverse("dataset_export:api-removals", args=[name]),
        },
    }
    return orjson.dumps(content)


def signed_headers(message: WebhookMessage, content: bytes) -> dict[str, str]:
    """Return the headers that say who sends this: HMAC-SHA256 over id, time and content, with full stops between."""
    identity, moment = f"msg_{message.pk}", str(int(time.time()))
    signed = f"{identity}.{moment}.".encode() + content
    digest = hmac.digest(bytes(message.webhook.secret), signed, "sha256")
    return {
        "Content-Type": "application/json",
        "User-Agent": "Commonplace",
        "webhook-id": identity,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
