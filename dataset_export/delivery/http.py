"""HTTP delivery of files: full, partial, conditional, or unavailable."""

import re
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from django.db.models import Exists
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import parse_etags
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from dataset_export.access.log import log_download
from dataset_export.eligibility import has_revoked_rows
from dataset_export.models import AccessRequest, Document, Shard, Snapshot
from dataset_export.storage.shard_reader import (
    ByteRange,
    RangeNotSatisfiableError,
    parse_range,
    stream,
)

PARQUET_TYPE = "application/vnd.apache.parquet"
ZSTD_TYPE = "application/zstd"
# By path suffix.
CONTENT_TYPES = {
    ".parquet": PARQUET_TYPE,
    ".zst": ZSTD_TYPE,
    ".md": "text/markdown; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
}
# Maximum age of a revocation check during a transfer, in seconds. A check costs milliseconds: slow
# readers get one before each chunk, fast ones ten per second. Slower checks take at most a fifth of
# the time, up to the second figure.
SECONDS_BETWEEN_CHECKS, MAX_CHECK_INTERVAL = 0.1, 1.0
CHECK_BACKOFF_FACTOR = 4
# An open-ended range.
RESUMED = re.compile(r"bytes=0*[1-9][0-9]*-", re.IGNORECASE)

_File = Shard | Document
AnyRequest = Request | HttpRequest


class ContainsRevokedRowsError(APIException):
    """The file contains a revoked row; `wait` becomes Retry-After, in seconds."""

    status_code = 503
    default_detail = (
        "This file holds posts that their authors no longer share. It is not served; a new revision will be without "
        "them."
    )
    wait = 60


class ShardRewrittenError(ContainsRevokedRowsError):
    """The shard was rewritten while it was requested."""

    default_detail = (
        "This file is being replaced by one without posts that were taken back. Try again."
    )
    wait = 1


class ServingRevokedError(Exception):
    """A row of the file, or the access, was revoked during the transfer."""


def serve_file(
    request: AnyRequest, file: _File, grant: AccessRequest, *, is_pinned: bool = False
) -> HttpResponseBase:
    """Respond with a file and log the download.

    Args: is_pinned: whether this URL always returns the same bytes.

    Raises:
        ContainsRevokedRowsError: a row in it is revoked.
    """
    # Taken before any lookup: whoever still gets a row came before its revocation.
    asked_at = timezone.now()
    try:
        response = _build_response(request, file, grant, is_pinned)
    except ContainsRevokedRowsError:
        record_download(request, file, grant, asked_at, ContainsRevokedRowsError.status_code, 0)
        raise
    record_download(
        request,
        file,
        grant,
        asked_at,
        response.status_code,
        int(response.headers.get("Content-Length", 0)),
    )
    return response


def record_download(
    request: AnyRequest, file: _File, grant: AccessRequest, at: datetime, status: int, size: int
) -> None:
    """Log the download; HEAD is not one."""
    if request.method == "GET":
        # Visitors of pages have a session and no token.
        token = getattr(request, "auth", None)
        log_download(
            grant=grant,
            token=token,
            snapshot=file.snapshot,
            path=file.path,
            bytes_asked=size,
            status=status,
            at=at,
        )


def _build_response(
    request: AnyRequest, file: _File, grant: AccessRequest, is_pinned: bool
) -> HttpResponseBase:
    if isinstance(file, Shard) and has_revoked_rows(file):
        raise ContainsRevokedRowsError
    headers = {
        "ETag": etag_of(file),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
    }
    if not matches_if_match(request, etag_of(file)):
        return HttpResponse(status=412, headers=headers)
    if matches_if_none_match(request, etag_of(file)):
        return HttpResponse(status=304, headers=headers)
    try:
        span = None if is_blind_resume(request, file, is_pinned) else requested_range(request, file)
    except RangeNotSatisfiableError:
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{file.size}"})
    return range_status_code(request, file, grant, span, headers)


def etag_of(file: _File) -> str:
    return f'"{file.sha256}"'


def matches_if_match(request: AnyRequest, etag: str) -> bool:
    """Evaluate If-Match (RFC 9110, section 13.1.1)."""
    meant = parse_etags(request.headers.get("If-Match", "*"))
    return "*" in meant or etag in meant


def matches_if_none_match(request: AnyRequest, etag: str) -> bool:
    """Evaluate If-None-Match (RFC 9110, section 13.1.2)."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in (validator.removeprefix("W/") for validator in known)


def requested_range(request: AnyRequest, file: _File) -> ByteRange | None:
    """Return the requested range; only for GET, and only if If-Range matches."""
    if request.method != "GET" or request.headers.get("If-Range", etag_of(file)) != etag_of(file):
        return None
    return parse_range(request.headers.get("Range", ""), file.size)


def is_blind_resume(request: AnyRequest, file: _File, is_pinned: bool) -> bool:
    """Tell whether a client resumes without naming the bytes it has (If-Range).

    Mixing two states is not a file. Ranges may be ignored (RFC 9110, section 14.2): clients then
    use what they need, restart, or stop.
    """
    if is_pinned or "If-Range" in request.headers or "If-Match" in request.headers:
        return False
    had_other_bytes = file.revision > 0 or file.snapshot.version > 1
    return (
        had_other_bytes and RESUMED.fullmatch(request.headers.get("Range", "").strip()) is not None
    )


def range_status_code(
    request: AnyRequest,
    file: _File,
    grant: AccessRequest,
    span: ByteRange | None,
    headers: dict[str, str],
) -> HttpResponseBase:
    sent = span or ByteRange(0, file.size)
    headers = headers | {
        "Content-Length": str(sent.size),
        "Content-Type": content_type(file.path),
        **({"Content-Range": f"bytes {span.start}-{span.end - 1}/{file.size}"} if span else {}),
    }
    status = 206 if span else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    if isinstance(file, Document):
        return HttpResponse(
            bytes(file.content)[sent.start : sent.end], status=status, headers=headers
        )
    return StreamingHttpResponse(
        begun(stream_with_revocation_checks(file, sent, grant)), status=status, headers=headers
    )


def begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Read the first chunk before responding, and return all chunks.

    Raises:
        ShardRewrittenError: the file has other bytes by now.
    """
    try:
        first = next(pieces, b"")
    except (LookupError, ServingRevokedError) as gone:
        raise ShardRewrittenError from gone
    return chain([first], pieces)


def content_type(path: str) -> str:
    ending = path[path.rfind(".") :]
    return CONTENT_TYPES.get(ending, "text/plain; charset=utf-8")


def stream_with_revocation_checks(
    shard: Shard, span: ByteRange, grant: AccessRequest
) -> Iterator[bytes]:
    """Stream a range, aborting when a row or the access is revoked.

    Raises:
        ServingRevokedError: the connection ends before the promised length, so that nobody takes
        the file for complete.
    """
    asked_at, pause = time.monotonic(), SECONDS_BETWEEN_CHECKS
    for data in stream(shard, span):
        now = time.monotonic()
        if now - asked_at >= pause:
            if not is_served(shard, grant):
                raise ServingRevokedError(shard.path)
            asked_at = time.monotonic()
            pause = min(
                max(SECONDS_BETWEEN_CHECKS, CHECK_BACKOFF_FACTOR * (asked_at - now)),
                MAX_CHECK_INTERVAL,
            )
        yield data


def is_served(shard: Shard, grant: AccessRequest) -> bool:
    """Tell whether the shard is still served, the grant active, and no row revoked."""
    there = Shard.objects.filter(
        pk=shard.pk, sha256=shard.sha256, snapshot__state__in=Snapshot.SERVED
    )
    in_force = AccessRequest.objects.in_force().filter(pk=grant.pk)
    return there.filter(Exists(in_force)).exists() and not has_revoked_rows(shard)
