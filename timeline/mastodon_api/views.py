"""Read-only timelines and posts in the Mastodon API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User, UserList
from accounts.selectors import Viewer, active_users, relationship, users_by_usernames
from common.api_schema import JSON_LIST, JSON_OBJECT, REFUSAL, TOKEN_OR_NONE
from common.pagination import MAX_ID, parse_id
from common.permissions import has_scope
from posts.models import Post
from posts.presentation.hydrate import hydrate_posts
from posts.selectors import is_self_thread
from posts.text.entities import tag_name
from timeline import selectors
from timeline.hashtags import tag_timeline
from timeline.home.pages import home_cards, home_rows, home_rows_newer_than
from timeline.mastodon_api.context import ancestors, descendants
from timeline.mastodon_api.serializers import Shape, serialize_profile, serialize_statuses

DEFAULT_STATUSES_PER_PAGE, MAX_STATUSES_PER_PAGE = 20, 40
# Anonymous reads need no token; a token needs the read scope.
MayRead = has_scope("read")
PAGING = [
    OpenApiParameter("max_id", OpenApiTypes.INT64, description="Only what is older than this."),
    OpenApiParameter(
        "since_id",
        OpenApiTypes.INT64,
        description="Only what is newer than this, the newest of it.",
    ),
    OpenApiParameter("min_id", OpenApiTypes.INT64, description="What is next newer than this."),
    OpenApiParameter(
        "limit",
        OpenApiTypes.INT,
        description=f"{DEFAULT_STATUSES_PER_PAGE} unless said, {MAX_STATUSES_PER_PAGE} at most.",
    ),
]


class AllowAnonymousOrReadScope(BasePermission):
    message = "This token may not do that: it lacks the scope “read”."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.auth is None or "read" in getattr(request.auth, "scopes", ())


@dataclass(frozen=True, slots=True)
class PageParams:
    """Pagination parameters."""

    max_id: int | None
    since_id: int | None
    min_id: int | None
    limit: int

    @classmethod
    def of(cls, request: Request) -> "PageParams":
        asked = {
            name: parse_id(request.query_params.get(name))
            for name in ("max_id", "since_id", "min_id")
        }
        limit = parse_id(request.query_params.get("limit"))
        return cls(
            **asked,
            limit=DEFAULT_STATUSES_PER_PAGE
            if limit is None
            else min(max(limit, 1), MAX_STATUSES_PER_PAGE),
        )

    def rows(self, posts: QuerySet[Post]) -> list[Post]:
        """Return the requested rows, newest first."""
        if self.max_id is not None:
            posts = posts.filter(pk__lt=self.max_id)
        if self.min_id is not None:
            return list(posts.filter(pk__gt=self.min_id).order_by("pk")[: self.limit])[::-1]
        if self.since_id is not None:
            posts = posts.filter(pk__gt=self.since_id)
        return list(posts.order_by("-pk")[: self.limit])


class Home(APIView):
    permission_classes = [MayRead]

    @extend_schema(operation_id="timeline_home", parameters=PAGING, responses=JSON_LIST)
    def get(self, request: Request) -> Response:
        """Return the home timeline of the token's owner."""
        person: Any = request.user
        cut = PageParams.of(request)
        if cut.min_id is None:
            rows = home_rows(person, below=cut.max_id, size=cut.limit)
            rows = [row for row in rows if row.pk > (cut.since_id or 0)]
        else:
            rows = home_rows_newer_than(person, above=cut.min_id, below=cut.max_id, size=cut.limit)
        return paginated_response(request, home_cards(rows, person), [row.pk for row in rows])


class Public(APIView):
    permission_classes = [AllowAnonymousOrReadScope]

    @extend_schema(
        auth=TOKEN_OR_NONE, operation_id="timeline_public", parameters=PAGING, responses=JSON_LIST
    )
    def get(self, request: Request) -> Response:
        """Return the public timeline."""
        return _build_response(request, selectors.public_timeline)


class HashtagTimeline(APIView):
    permission_classes = [AllowAnonymousOrReadScope]

    @extend_schema(
        auth=TOKEN_OR_NONE, operation_id="timeline_tag", parameters=PAGING, responses=JSON_LIST
    )
    def get(self, request: Request, name: str) -> Response:
        """Return public posts with a hashtag."""
        return _build_response(request, lambda viewer: tag_timeline([tag_name(name)], viewer))


class ListTimeline(APIView):
    permission_classes = [MayRead]

    @extend_schema(operation_id="timeline_list", parameters=PAGING, responses=JSON_LIST)
    def get(self, request: Request, list_id: int) -> Response:
        """Return the timeline of one of the user's lists."""
        people = get_object_or_404(
            UserList.objects.select_related("owner"), pk=list_id, owner=request.user
        )
        return _build_response(request, lambda viewer: selectors.list_timeline(people))


class Status(APIView):
    permission_classes = [AllowAnonymousOrReadScope]

    @extend_schema(auth=TOKEN_OR_NONE, operation_id="status", responses=JSON_OBJECT)
    def get(self, request: Request, post_id: int) -> Response:
        """Return a post."""
        for status in serialize_statuses(hydrate_posts([readable(request, post_id)], request.user)):
            return Response(status)
        raise Http404  # what a repost brought is gone in the meantime


class Context(APIView):
    permission_classes = [AllowAnonymousOrReadScope]

    @extend_schema(auth=TOKEN_OR_NONE, operation_id="status_context", responses=JSON_OBJECT)
    def get(self, request: Request, post_id: int) -> Response:
        """Return the ancestors and descendants of a post that the user may read."""
        row = readable(request, post_id)
        # A repost has no thread of its own.
        post = row if row.repost_of_id is None else readable(request, row.repost_of_id)
        above, below = ancestors(post, request.user), descendants(post, request.user)
        shapes = serialize_statuses(hydrate_posts([*above, *below], request.user))
        return Response({"ancestors": shapes[: len(above)], "descendants": shapes[len(above) :]})


class Account(APIView):
    permission_classes = [AllowAnonymousOrReadScope]

    @extend_schema(auth=TOKEN_OR_NONE, operation_id="account", responses=JSON_OBJECT)
    def get(self, request: Request, user_id: int) -> Response:
        """Return a user."""
        return Response(profile_for(request, active_users().filter(pk=user_id)))


class AccountLookup(APIView):
    permission_classes = [AllowAnonymousOrReadScope]

    @extend_schema(
        auth=TOKEN_OR_NONE,
        operation_id="account_lookup",
        parameters=[OpenApiParameter("acct")],
        responses=JSON_OBJECT | {404: REFUSAL},
    )
    def get(self, request: Request) -> Response:
        """Return a user by name."""
        found = users_by_usernames(
            [request.query_params.get("acct", "").removeprefix("@").replace("\x00", "")]
        )
        return Response(profile_for(request, found))


class AccountStatuses(APIView):
    permission_classes = [AllowAnonymousOrReadScope]

    @extend_schema(
        operation_id="account_statuses",
        parameters=[
            *PAGING,
            OpenApiParameter("exclude_replies", OpenApiTypes.BOOL),
            OpenApiParameter("exclude_reblogs", OpenApiTypes.BOOL),
            OpenApiParameter("only_media", OpenApiTypes.BOOL),
            OpenApiParameter("pinned", OpenApiTypes.BOOL),
        ],
        auth=TOKEN_OR_NONE,
        responses=JSON_LIST,
    )
    def get(self, request: Request, user_id: int) -> Response:
        """Return a user's posts."""
        owner = get_object_or_404(active_users(), pk=user_id)
        posts: QuerySet[Post] = selectors.profile_posts(owner, request.user)
        if bool_param(request, "exclude_replies"):
            posts = selectors.profile_timeline(owner, request.user)
        if bool_param(request, "exclude_reblogs"):
            posts = posts.filter(repost_of__isnull=True)
        if bool_param(request, "only_media"):
            posts = posts.filter(has_media=True)
        if bool_param(request, "pinned"):
            posts = posts.filter(pinned_at__isnull=False)
        return _build_response(request, lambda viewer: posts)


def profile_for(request: Request, people: QuerySet[User]) -> Shape:
    """Serialize a profile for the current user."""
    person = get_object_or_404(people)
    return serialize_profile(person, relationship(request.user, person))


def bool_param(request: Request, name: str) -> bool:
    return request.query_params.get(name, "").lower() in ("1", "true", "t", "on", "yes")


def readable(request: Request, post_id: int) -> Post:
    """Return a readable post; filters collapse it, as on its page."""
    post = is_self_thread([min(post_id, MAX_ID)], request.user).get(post_id)
    if post is None:
        raise Http404("There is no such post.")
    return post


def _build_response(request: Request, timeline: Callable[[Viewer], QuerySet[Post]]) -> Response:
    rows = PageParams.of(request).rows(timeline(request.user))
    return paginated_response(request, hydrate_posts(rows, request.user), [row.pk for row in rows])


def paginated_response(request: Request, posts: Sequence[Post], ids: Sequence[int]) -> Response:
    """Respond with posts and a Link header, older page first, as clients expect."""
    shapes: list[Shape] = serialize_statuses(posts)
    response = Response(shapes)
    if ids:
        ends = [("next", "max_id", min(ids)), ("prev", "min_id", max(ids))]
        response["Link"] = ", ".join(
            f'<{link_header(request, name, pk)}>; rel="{end}"' for end, name, pk in ends
        )
    return response


def link_header(request: Request, name: str, pk: int) -> str:
    query = [
        (key, value)
        for key, value in request.query_params.items()
        if key not in ("max_id", "since_id", "min_id")
    ]
    return request.build_absolute_uri(f"{request.path}?{urlencode([*query, (name, pk)])}")
