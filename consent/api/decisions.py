"""Shared by the API endpoints that record decisions."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.permissions import has_scope
from common.throttles import WriteRateThrottle
from consent.api.serializers import EventSerializer
from consent.idempotency import IdempotencyKeyReusedError, idempotent_decision
from consent.models import ConsentEvent
from consent.services import AgeAttestationRequiredError, record_decision

MayDecide = has_scope("consent")
MAX_KEY_LENGTH = 200
KEY_PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="A text of the program's own for this one decision. Sent again with the same body it gets the same "
    "answer and decides nothing; with another body it is refused with 422.",
)


class DecisionThrottle(WriteRateThrottle):
    name, limit, seconds = "decide-api", 300, 300


@method_decorator(never_cache, name="dispatch")
class ConsentView(APIView):
    permission_classes = [MayDecide]
    throttle_classes = [DecisionThrottle]


def create_decision_response(
    request: Request, data: Mapping[str, Any], post_id: int | None = None
) -> Response:
    """Record a validated decision of the token's owner and respond with the event."""
    token: Any = request.auth
    try:
        event = idempotent_decision(
            user=request.user,
            key=get_idempotency_key(request),
            digest=request_digest({**data, "post_id": post_id}),
            act=lambda: record_decision(
                user=request.user,
                post_id=post_id,
                source=ConsentEvent.Source.API,
                app=token.name,
                **data,
            ),
        )
    except AgeAttestationRequiredError as refused:
        raise ValidationError(
            "The person has to say first, on the site, to be 18 or older."
        ) from refused
    except IdempotencyKeyReusedError as refused:
        raise ValidationError(
            "This Idempotency-Key was sent before with another body."
        ) from refused
    return Response(EventSerializer(event, context={"request": request}).data)


def get_idempotency_key(request: Request) -> str:
    """Return the idempotency key, with or without the draft's quotation marks; empty if missing."""
    key = str(request.headers.get("Idempotency-Key", "")).strip()
    if len(key) > MAX_KEY_LENGTH or not key.isprintable():
        raise ValidationError(
            f"An Idempotency-Key has at most {MAX_KEY_LENGTH} printable characters."
        )
    return key


def request_digest(data: Mapping[str, Any]) -> str:
    text = json.dumps({name: str(value) for name, value in data.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
