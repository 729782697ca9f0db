import json
from collections.abc import Iterator
from typing import TypeVar

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.pagination import paginate
from consent.models import ConsentEvent, Subject
from consent.receipts import Json, build_receipt, build_receipts, checkpoint_covering
from consent.transparency_log.keys import get_verifier

Response = TypeVar("Response", HttpResponse, StreamingHttpResponse)


@login_required
@never_cache
@require_safe
def consent_data(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "consent/receipts.html",
        {"page": paginate(user_events(request), request, key="position")},
    )


@login_required
@never_cache
@require_safe
def receipt(request: HttpRequest, position: int) -> HttpResponse:
    event = get_object_or_404(user_events(request), position=position)
    checkpoint = checkpoint_covering(event.position)
    context = {
        "event": event,
        "checkpoint": checkpoint,
        "key": get_verifier(checkpoint.key),
        "leaf_hash": bytes(event.leaf_hash).hex(),
        "notice_sha256": bytes(event.notice.text_sha256).hex(),
    }
    return render(request, "consent/receipt.html", context)


@login_required
@never_cache
@require_safe
def receipt_json(request: HttpRequest, position: int) -> HttpResponse:
    event = get_object_or_404(user_events(request), position=position)
    body = (
        json.dumps(build_receipt(event, download_filename(request)), indent=2, ensure_ascii=False)
        + "\n"
    )
    return download(
        HttpResponse(body, content_type="application/ld+json"), f"receipt-{position}.json"
    )


@login_required
@never_cache
@require_safe
def receipts(request: HttpRequest) -> StreamingHttpResponse:
    lines = _json_lines(build_receipts(user_events(request), download_filename(request)))
    return download(
        StreamingHttpResponse(lines, content_type="application/jsonl"), "receipts.jsonl"
    )


def user_events(request: HttpRequest) -> QuerySet[ConsentEvent]:
    """Return the current user's decisions."""
    assert request.user.pk is not None
    subject = Subject.objects.filter(user_id=request.user.pk).values("pk")[:1]
    return ConsentEvent.objects.filter(subject=subject).select_related("notice")


def download_filename(request: HttpRequest) -> str:
    return request.user.get_username()


def _json_lines(receipts: Iterator[Json]) -> Iterator[str]:
    return (json.dumps(receipt, separators=(",", ":")) + "\n" for receipt in receipts)


def download(response: Response, name: str) -> Response:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
