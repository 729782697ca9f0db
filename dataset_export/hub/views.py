"""Read API of the Hugging Face Hub for datasets."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import AccessToken
from common.parsers import JSONParser
from consent.ai_policy.middleware import skip_usage_headers
from dataset_export.access.log import DownloadThrottle
from dataset_export.access.selectors import grant_of
from dataset_export.cards.croissant import with_absolute_urls
from dataset_export.delivery.http import serve_file
from dataset_export.hub import errors
from dataset_export.hub.authentication import HubAuthentication
from dataset_export.hub.files import (
    RepoFile,
    entries,
    entries_at,
    file_as_it_was,
    find_file,
    repo_files,
    siblings,
    was_rewritten,
)
from dataset_export.hub.revisions import (
    MAIN,
    RepositoryNotFoundError,
    ResolvedRevision,
    RevisionGoneError,
    RevisionNotFoundError,
    resolve_revision,
    served_names,
)
from dataset_export.models import AccessRequest, Document, Shard, Snapshot
from dataset_export.publication.documents import CROISSANT, OWNER, README
from dataset_export.signing.revisions import current_revision

MAX_PATHS, MAX_PATH_LENGTH = 10_000, 500


@extend_schema(exclude=True)
class HubView(APIView):
    """Metadata is public; files require a grant."""

    authentication_classes = [HubAuthentication]
    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        skip_usage_headers(request._request)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        return errors.hub_exception_handler


class WhoAmI(HubView):
    def get(self, request: Request) -> Response:
        """Return the token's owner, for `hf auth login`."""
        token = request.auth
        if not isinstance(token, AccessToken):
            raise NotAuthenticated
        return Response(
            {
                "type": "user",
                "id": str(token.user_id),
                "name": token.user.username,
                "fullname": token.user.display_name or token.user.username,
                "isPro": False,
                "orgs": [],
                "auth": {
                    "type": "access_token",
                    "accessToken": {"displayName": token.name, "role": "read"},
                },
            }
        )


class Info(HubView):
    def get(self, request: Request, name: str, revision: str = MAIN) -> Response:
        """Describe a dataset, for `HfApi.dataset_info`."""
        resolved, files = found_with_files(name, revision)
        return Response(repo_info(resolved, files, with_sizes="blobs" in request.query_params))


class Refs(HubView):
    def get(self, request: Request, name: str) -> Response:
        """List the served revisions."""
        branch = {
            "name": MAIN,
            "ref": f"refs/heads/{MAIN}",
            "targetCommit": found(name, MAIN).commit,
        }
        tags = [
            {"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": commit}
            for tag, commit in served_names(name).items()
        ]
        return Response({"branches": [branch], "converts": [], "tags": tags})


class Tree(HubView):
    def get(self, request: Request, name: str, revision: str, path: str = "") -> Response:
        """List a folder."""
        recursive = request.query_params.get("recursive", "").lower() in ("true", "1")
        folder = path.strip("/")
        inside = entries(*found_with_files(name, revision), folder, recursive)
        if folder and not inside:
            raise errors.entry_not_found()
        return Response(inside)


class PathsInfoSerializer(serializers.Serializer):
    paths = serializers.ListField(
        child=serializers.CharField(max_length=MAX_PATH_LENGTH), max_length=MAX_PATHS
    )


class PathsInfo(HubView):
    parser_classes = [FormParser, MultiPartParser, JSONParser]

    def post(self, request: Request, name: str, revision: str) -> Response:
        """Describe entries by path."""
        wanted = PathsInfoSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        return Response(
            entries_at(*found_with_files(name, revision), wanted.validated_data["paths"])
        )


class Croissant(HubView):
    def get(self, request: Request, name: str) -> HttpResponse:
        """Return Croissant with absolute URLs."""
        resolved, document = found_file(name, MAIN, CROISSANT)
        if not isinstance(document, Document):
            raise errors.entry_not_found()
        files_at = f"{settings.SITE_URL}/datasets/{OWNER}/{name}/resolve/{resolved.commit}"
        return HttpResponse(
            with_absolute_urls(bytes(document.content), files_at),
            content_type="application/ld+json",
        )


class HubFile(HubView):
    throttle_classes = [DownloadThrottle]

    def get(self, request: Request, name: str, revision: str, path: str) -> HttpResponseBase:
        """Return a file or a range of it, given access."""
        resolved, file = found_file(name, revision, path)
        grant = required_grant(request, resolved.snapshot)
        self.headers["X-Repo-Commit"] = resolved.commit
        if file is None:
            raise errors.entry_not_found()
        if was_rewritten(file, resolved):
            return answer_for_rewritten(request, file_as_it_was(file, resolved), resolved)
        self.headers |= {"X-Linked-Size": str(file.size), "X-Linked-Etag": f'"{file.sha256}"'}
        return serve_file(request, file, grant, is_pinned=resolved.is_pinned)


def answer_for_rewritten(request: Request, file: RepoFile, state: ResolvedRevision) -> HttpResponse:
    """Reject a rewritten file.

    HEAD still succeeds: clients turn its failure into "check your connection", but display the
    message of a failed GET.
    """
    if request.method != "HEAD":
        raise errors.file_rewritten(state.name, str(current_revision(state.snapshot)))
    return HttpResponse(headers={"ETag": f'"{file.sha256}"', "Content-Length": str(file.size)})


def repository_page(request: HttpRequest, name: str) -> HttpResponse:
    """Redirect to the dataset's page, whose URL clients print."""
    return redirect("dataset_export:detail", name=name)


def found(name: str, revision: str) -> ResolvedRevision:
    """Return the resolved revision, or the error that clients know."""
    try:
        return resolve_revision(name, revision)
    except RepositoryNotFoundError as missing:
        raise errors.repository_not_found() from missing
    except RevisionGoneError as gone:
        raise errors.revision_not_found(str(gone), 410) from gone
    except RevisionNotFoundError as missing:
        raise errors.revision_not_found(str(missing), 404) from missing


def found_with_files(name: str, revision: str) -> tuple[ResolvedRevision, list[RepoFile]]:
    """Return a revision with its files, consistently."""
    resolved = found(name, revision)
    return resolved, repo_files(resolved)


def found_file(
    name: str, revision: str, path: str
) -> tuple[ResolvedRevision, Shard | Document | None]:
    """Return a revision and a file, or None if there is no such path.

    Only by commit the file may have been rewritten since.
    """
    resolved = found(name, revision)
    file = find_file(resolved.snapshot, path, resolved)
    if not resolved.is_pinned and (file is None or was_rewritten(file, resolved)):
        # An erasure between the queries: the name resolves to the next revision.
        now = found(name, revision)
        if now != resolved:
            return now, find_file(now.snapshot, path, now)
    return resolved, file


def required_grant(request: Request, snapshot: Snapshot) -> AccessRequest:
    """Return the caller's grant, or the Hub's error for gated datasets."""
    page = settings.SITE_URL + snapshot.get_absolute_url()
    if not isinstance(request.auth, AccessToken):
        raise errors.gated_repo(
            401,
            f"Access to {OWNER}/{snapshot.name} has to be granted. Ask at {page} and send a token.",
        )
    if AccessToken.Scope.DATASETS_READ not in request.auth.scopes:
        raise errors.gated_repo(
            403, f"This token lacks the scope {AccessToken.Scope.DATASETS_READ}. Make another one."
        )
    grant = grant_of(request.user, snapshot)
    if grant is None:
        raise errors.gated_repo(
            403, f"You have no access to {OWNER}/{snapshot.name}, or it has ended. Ask at {page}"
        )
    return grant


def repo_info(
    resolved: ResolvedRevision, files: list[RepoFile], with_sizes: bool
) -> dict[str, Any]:
    """Describe a revision."""
    snapshot = resolved.snapshot
    assert snapshot.published_at is not None
    front = front_matter(resolved)
    return {
        "_id": hashlib.sha256(snapshot.name.encode()).hexdigest()[:24],
        "id": f"{OWNER}/{snapshot.name}",
        "author": OWNER,
        "sha": resolved.commit,
        "private": False,
        "gated": "manual",
        "disabled": False,
        "lastModified": hub_timestamp(max(snapshot.published_at, resolved.at)),
        "createdAt": hub_timestamp(snapshot.published_at),
        "tags": front.get("tags", []),
        "cardData": front,
        "siblings": list(siblings(files, with_sizes)),
    }


def hub_timestamp(at: datetime) -> str:
    """Format a timestamp as clients expect."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def front_matter(state: ResolvedRevision) -> dict[str, Any]:
    """Return the card's metadata."""
    card = find_file(state.snapshot, README, state)
    if not isinstance(card, Document):
        return {}
    front: dict[str, Any] = yaml.safe_load(bytes(card.content).decode().split("---\n", 2)[1])
    return front
