from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import AccessToken
from common.api_schema import REFUSAL
from common.consistent_reads import consistent_read
from common.permissions import has_scope
from consent.ai_policy.middleware import skip_usage_headers
from dataset_export.access.log import DownloadThrottle
from dataset_export.access.selectors import grant_of
from dataset_export.api.serializers import SnapshotDetailSerializer, SnapshotSerializer
from dataset_export.delivery.http import PARQUET_TYPE, ZSTD_TYPE, serve_file
from dataset_export.eligibility import downloadable_snapshots
from dataset_export.models import AccessRequest, Shard, Snapshot
from dataset_export.signing.manifests import site_public_key


class MayDownload(BasePermission):
    message = (
        "You have no access to this dataset, or it has ended. Ask for it on the dataset's page."
    )

    def has_permission(self, request: Request, view: APIView) -> bool:
        assert isinstance(view, DatasetView)
        view.grant = grant_of(request.user, _published(view.kwargs["name"]))
        return view.grant is not None


class DatasetView(APIView):
    # The revision whose files are served; None if no file is.
    grant: AccessRequest | None = None
    permission_classes: list[type[BasePermission]] = [
        has_scope(AccessToken.Scope.DATASETS_READ),
        MayDownload,
    ]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        skip_usage_headers(request._request)


class DatasetList(DatasetView):
    permission_classes = [has_scope(AccessToken.Scope.DATASETS_READ)]

    @extend_schema(responses=SnapshotSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the published snapshots."""
        return Response(SnapshotSerializer(downloadable_snapshots(), many=True).data)


class DatasetDetail(DatasetView):
    @extend_schema(responses=SnapshotDetailSerializer)
    def get(self, request: Request, name: str) -> Response:
        """Describe a snapshot and its files."""
        with consistent_read():
            return Response(SnapshotDetailSerializer(_published(name)).data)


class Manifest(DatasetView):
    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, name: str) -> HttpResponse:
        """Return the manifest, byte for byte as signed."""
        return HttpResponse(
            bytes(_published(name).manifest_json or b""), content_type="application/json"
        )


class ManifestSignature(DatasetView):
    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request, name: str) -> HttpResponse:
        """Return the Ed25519 signature of the manifest, in base64."""
        return HttpResponse(_published(name).signature, content_type="text/plain")


class SigningKey(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:
        """Return the public key of manifests, in base64."""
        return HttpResponse(site_public_key(), content_type="text/plain")


class DatasetFile(DatasetView):
    throttle_classes = [DownloadThrottle]

    @extend_schema(
        responses={
            (200, PARQUET_TYPE, ZSTD_TYPE): OpenApiTypes.BINARY,
            (206, PARQUET_TYPE, ZSTD_TYPE): OpenApiTypes.BINARY,
            304: None,
            412: None,
            416: None,
            503: REFUSAL,
        }
    )
    def get(self, request: Request, name: str, path: str) -> HttpResponseBase:
        """Return a file or a range of it; 503 while it contains revoked rows."""
        files = Shard.objects.select_related("snapshot").filter(
            snapshot=_published(name), path=path
        )
        shard = files.order_by("pk").first()
        if shard is None:
            raise Http404("There is no such file in this dataset.")
        assert self.grant is not None
        return serve_file(request, shard, self.grant)


def _published(name: str) -> Snapshot:
    snapshot = downloadable_snapshots().filter(name=name).first()
    if snapshot is None:
        raise Http404("There is no such dataset.")
    return snapshot
