"""API of removals."""

import time
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.models import AccessToken, User
from common.api_schema import REFUSAL
from common.permissions import has_scope
from common.ratelimits import allow_request
from dataset_export.api.views import DatasetView
from dataset_export.removals.acknowledge import (
    NotAnnouncedError,
    UnknownRevisionError,
    acknowledge_removals,
    pending_removals_for,
)
from dataset_export.removals.feed import (
    Cursor,
    DatasetNotFoundError,
    InvalidCursorError,
    can_read_removals,
    newest_revision,
    signed_page,
)

MAX_NAME_LENGTH = 60


class CanReadRemovals(BasePermission):
    message = "You have no access to this dataset, and have never downloaded it."

    def has_permission(self, request: Request, view: APIView) -> bool:
        name = view.kwargs["name"]
        try:
            newest_revision(name)
        except DatasetNotFoundError as error:
            raise Http404("There is no such dataset.") from error
        return can_read_removals(request.user, name)


class RemovalThrottle(BaseThrottle):
    """Respond 429 when a user's apps send more than REQUESTS removal requests in SECONDS."""

    REQUESTS, SECONDS = 600, 300

    def allow_request(self, request: Request, view: APIView) -> bool:
        return allow_request(
            "removals", str(request.user.pk), limit=self.REQUESTS, seconds=self.SECONDS
        )

    def wait(self) -> float:
        return self.SECONDS - time.time() % self.SECONDS


class RemovalsView(DatasetView):
    permission_classes = [has_scope(AccessToken.Scope.DATASETS_READ), CanReadRemovals]
    throttle_classes = [RemovalThrottle]


class Removals(RemovalsView):
    @extend_schema(
        parameters=[OpenApiParameter("after", str)],
        responses={200: OpenApiTypes.OBJECT, 422: REFUSAL},
    )
    def get(self, request: Request, name: str) -> Response:
        """Return the removals of all snapshots of a dataset, signed and paginated.

        Continue with `?after=` and the page's `next`; next time start with the last `cursor`.
        """
        try:
            after = (
                Cursor.parse(request.query_params["after"])
                if "after" in request.query_params
                else Cursor()
            )
        except InvalidCursorError as error:
            raise ValidationError(
                {"after": ["This is no cursor that a page has named."]}
            ) from error
        return Response(signed_page(name, after))


class AcknowledgementSerializer(serializers.Serializer[Any]):
    revision = serializers.CharField(max_length=MAX_NAME_LENGTH)


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT


class Acknowledgements(RemovalsView):
    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, name: str) -> Response:
        """Return what this user has to apply and acknowledge; null if nothing."""
        duty = pending_removals_for(request.user, name)
        pending = duty and {"rows": duty.rows, "revision": duty.revision, "due_at": duty.due_at}
        return Response({"pending": pending})

    @extend_schema(
        request=AcknowledgementSerializer,
        responses={200: OpenApiTypes.OBJECT, 201: OpenApiTypes.OBJECT, 409: REFUSAL},
    )
    def post(self, request: Request, name: str) -> Response:
        """Acknowledge that all removals up to a revision are applied to every copy."""
        asked = AcknowledgementSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        try:
            said, is_new = acknowledge_removals(
                user=request.user, name=name, **asked.validated_data
            )
        except UnknownRevisionError as error:
            raise Http404(str(error)) from error
        except NotAnnouncedError as error:
            raise Conflict(str(error)) from error
        content = {
            "name": name,
            "revision": f"v{said.snapshot.version}.{said.revision}",
            "at": said.at,
        }
        return Response(content, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
