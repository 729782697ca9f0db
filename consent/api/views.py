from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.api_schema import JSON_OBJECT
from common.pagination import get_cursor, paginate
from consent.api.decisions import KEY_PARAMETER, ConsentView, create_decision_response
from consent.api.serializers import (
    AccountDecisionSerializer,
    EventSerializer,
    NoticeSerializer,
    StateSerializer,
)
from consent.models import ConsentEvent, Language, Subject
from consent.notices import current_notices
from consent.purposes import Purpose
from consent.receipts import build_receipt
from consent.selectors import ConsentStatus, get_consent_status

DEFAULT_EVENTS_PER_PAGE, MAX_EVENTS_PER_PAGE = 20, 100


@dataclass(frozen=True, slots=True)
class _PurposeState:
    purpose: str
    event: ConsentEvent | None
    granted: bool
    outdated: bool


class State(ConsentView):
    @extend_schema(operation_id="consent_state", responses={200: StateSerializer})
    def get(self, request: Request) -> Response:
        """Return the state of each purpose."""
        person: Any = request.user
        standing = get_consent_status(person.pk)
        state = {
            "adult": standing.adult,
            "allows_crawling": Subject.objects.filter(user=person, allows_crawling=True).exists(),
            "purposes": [purpose_state(purpose, standing) for purpose in Purpose.values],
        }
        return Response(StateSerializer(state).data)


def purpose_state(purpose: str, standing: ConsentStatus) -> _PurposeState:
    event = standing.account.get(purpose)
    return _PurposeState(
        purpose=purpose,
        event=event,
        granted=standing.adult and standing.counts(event),
        outdated=event is not None and standing.is_outdated(event),
    )


class Notices(ConsentView):
    @extend_schema(operation_id="consent_notices", responses={200: NoticeSerializer(many=True)})
    def get(self, request: Request) -> Response:
        """List the current notices for each purpose, in each language."""
        notices = [
            notice for language in Language.values for notice in current_notices(language).values()
        ]
        return Response(NoticeSerializer(notices, many=True).data)


class Decisions(ConsentView):
    @extend_schema(
        operation_id="consent_history",
        parameters=[
            OpenApiParameter(
                "max_id", OpenApiTypes.INT64, description="Only decisions before this position."
            ),
            OpenApiParameter(
                "limit",
                OpenApiTypes.INT,
                description=f"{DEFAULT_EVENTS_PER_PAGE} unless said, {MAX_EVENTS_PER_PAGE} at most.",
            ),
        ],
        responses={200: EventSerializer(many=True)},
    )
    def get(self, request: Request) -> Response:
        """List the user's decisions, newest first; the Link header paginates."""
        page = paginate(
            own_events(request), request._request, key="position", size=page_size(request)
        )
        response = Response(
            EventSerializer(page.items, many=True, context={"request": request}).data
        )
        links = [(request.path, "first"), *([(page.next_url, "next")] if page.next_url else [])]
        response["Link"] = ", ".join(
            f'<{request.build_absolute_uri(url)}>; rel="{name}"' for url, name in links
        )
        return response

    @extend_schema(
        operation_id="consent_decide",
        parameters=[KEY_PARAMETER],
        request=AccountDecisionSerializer,
        responses={200: EventSerializer},
    )
    def post(self, request: Request) -> Response:
        """Record a decision for the account; repeating a grant writes nothing."""
        asked = AccountDecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return create_decision_response(request, asked.validated_data)


class Receipt(ConsentView):
    @extend_schema(operation_id="consent_receipt", responses=JSON_OBJECT)
    def get(self, request: Request, position: int) -> Response:
        """Return the signed receipt of one of the user's decisions."""
        return Response(build_receipt(get_object_or_404(own_events(request), position=position)))


def own_events(request: Request) -> QuerySet[ConsentEvent]:
    """Return the decisions of the token's owner; others are 404."""
    person: Any = request.user
    subjects = Subject.objects.filter(user=person).values("pk")
    return ConsentEvent.objects.filter(subject__in=subjects).select_related("notice")


def page_size(request: Request) -> int:
    return min(
        max(get_cursor(request._request, "limit") or DEFAULT_EVENTS_PER_PAGE, 1),
        MAX_EVENTS_PER_PAGE,
    )
