from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import AccessToken
from common.permissions import has_scope
from consent.web_policy import has_terms_of_its_own
from dataset_export.api.serializers import SnapshotDetailSerializer, SnapshotSerializer
from dataset_export.delivery import RangeNotSatisfiable, Span, requested_span, stream
from dataset_export.models import Shard, Snapshot
from dataset_export.selectors import downloadable_snapshots, is_withheld
from dataset_export.signing import public_key

CONTENT_TYPES = {
    Shard.Format.PARQUET: "application/vnd.apache.parquet",
    Shard.Format.JSON_LINES: "application/zstd",
    Shard.Format.PROOF: "application/zstd",
}
RETRY_AFTER_SECONDS = 3600
# A part is a mebibyte; the question costs milliseconds.
PARTS_BETWEEN_CHECKS = 16
WITHHELD = (
    "This file holds posts that their authors no longer share. It is not served; a new revision will be without them."
)


class NoLongerServed(Exception):
    """Somebody said no while a file was on its way."""


class MayDownload(BasePermission):
    message = "Your account has no access to data sets. Ask an administrator of this site for it."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.user.has_perm("dataset_export.download_snapshot")


class DatasetView(APIView):
    permission_classes = [has_scope(AccessToken.Scope.DATASETS_READ), MayDownload]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        has_terms_of_its_own(request._request)


class DatasetList(DatasetView):
    @extend_schema(responses=SnapshotSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the published snapshots."""
        return Response(SnapshotSerializer(downloadable_snapshots(), many=True).data)


class DatasetDetail(DatasetView):
    @extend_schema(responses=SnapshotDetailSerializer)
    def get(self, request: Request, name: str) -> Response:
        """Describe a snapshot and its files."""
        return Response(SnapshotDetailSerializer(published(name)).data)


class Manifest(DatasetView):
    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, name: str) -> HttpResponse:
        """Return the manifest, byte for byte as it was signed."""
        return HttpResponse(bytes(published(name).manifest_json or b""), content_type="application/json")


class ManifestSignature(DatasetView):
    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request, name: str) -> HttpResponse:
        """Return the Ed25519 signature of the manifest, in base64."""
        return HttpResponse(published(name).signature, content_type="text/plain")


class SigningKey(APIView):
    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:
        """Return the public key that manifests are signed with, in base64."""
        return HttpResponse(public_key(), content_type="text/plain")


class File(DatasetView):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, name: str, path: str) -> HttpResponseBase:
        """Return a file or a range of it; 503 while it holds rows whose authors have said no."""
        shard = get_object_or_404(Shard.objects.select_related("snapshot"), snapshot=published(name), path=path)
        if is_withheld(shard):
            return withheld()
        etag = f'"{shard.sha256}"'
        if is_known(request, etag):
            return HttpResponse(status=304, headers={"ETag": etag})
        try:
            span = wanted_span(request, shard, etag)
        except RangeNotSatisfiable:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{shard.size}"})
        return file_response(shard, span, etag)


def published(name: str) -> Snapshot:
    snapshot = downloadable_snapshots().filter(name=name).first()
    if snapshot is None:
        raise Http404("There is no such data set.")
    return snapshot


def is_known(request: Request, etag: str) -> bool:
    """Say whether the client has this state of the file already (If-None-Match: RFC 9110, section 13.1.2)."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in (validator.removeprefix("W/") for validator in known)


def wanted_span(request: Request, shard: Shard, etag: str) -> Span | None:
    """Return the span asked for; only GET has ranges, and none of an earlier state of the file (If-Range)."""
    if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    return requested_span(request.headers.get("Range", ""), shard.size)


def file_response(shard: Shard, span: Span | None, etag: str) -> StreamingHttpResponse:
    sent = span or Span(0, shard.size)
    response = StreamingHttpResponse(
        stream_while_served(shard, sent),
        status=206 if span else 200,
        content_type=CONTENT_TYPES[Shard.Format(shard.format)],
        headers={"ETag": etag, "Accept-Ranges": "bytes", "Content-Length": str(sent.size)},
    )
    if span:
        response["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{shard.size}"
    response["Cache-Control"] = "private, no-cache"
    return response


def stream_while_served(shard: Shard, span: Span) -> Iterator[bytes]:
    """Yield the bytes of a span, and break off when a row of the file must not be served any more.

    Raises:
        NoLongerServed: the connection ends before the promised length, so that nobody takes the file for whole.
    """
    for number, data in enumerate(stream(shard, span)):
        if number % PARTS_BETWEEN_CHECKS == PARTS_BETWEEN_CHECKS - 1 and not is_served(shard):
            raise NoLongerServed(shard.path)
        yield data


def is_served(shard: Shard) -> bool:
    """Say whether the shard's snapshot is still published, and no row of it withheld."""
    return downloadable_snapshots().filter(pk=shard.snapshot_id).exists() and not is_withheld(shard)


def withheld() -> Response:
    response = Response({"error": WITHHELD}, status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
