"""What the addresses that take decisions from programs have in common."""

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
from common.throttles import WriteLimit
from consent.api.serializers import EventSerializer
from consent.idempotency import KeyReused, decide_once
from consent.models import ConsentEvent
from consent.services import NotAnAdult, decide

MayDecide = has_scope("consent")
LONGEST_KEY = 200
KEY_PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="A text of the program's own for this one decision. Sent again with the same body it gets the same "
    "answer and decides nothing; with another body it is refused with 422.",
)


class DecisionLimit(WriteLimit):
    name, limit, seconds = "decide-api", 300, 300


@method_decorator(never_cache, name="dispatch")
class ConsentView(APIView):
    permission_classes = [MayDecide]
    throttle_classes = [DecisionLimit]


def answer_decision(request: Request, data: Mapping[str, Any], post_id: int | None = None) -> Response:
    """Note a decision that was checked, in the name of the token's person, and answer with the event."""
    token: Any = request.auth
    try:
        event = decide_once(
            user=request.user,
            key=idempotency_key(request),
            digest=digest_of({**data, "post_id": post_id}),
            act=lambda: decide(
                user=request.user, post_id=post_id, source=ConsentEvent.Source.API, app=token.name, **data
            ),
        )
    except NotAnAdult as refused:
        raise ValidationError("The person has to say first, on the site, to be 18 or older.") from refused
    except KeyReused as refused:
        raise ValidationError("This Idempotency-Key was sent before with another body.") from refused
    return Response(EventSerializer(event, context={"request": request}).data)


def idempotency_key(request: Request) -> str:
    """Return the key, with or without the quotation marks of the draft; empty where there is none."""
    key = str(request.headers.get("Idempotency-Key", "")).strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise ValidationError(f"An Idempotency-Key has at most {LONGEST_KEY} printable characters.")
    return key


def digest_of(data: Mapping[str, Any]) -> str:
    text = json.dumps({name: str(value) for name, value in data.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
