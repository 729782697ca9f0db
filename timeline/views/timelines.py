from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User, UserList
from accounts.selectors import Viewer, relationship, suggested_users
from accounts.views.profile import current_user, get_user_or_404
from common.htmx import is_htmx_partial, render_partial
from common.pagination import (
    PAGE_SIZE,
    Page,
    get_cursor,
    paginate,
    paginate_callable,
    parse_id,
    url_with_param,
)
from common.ratelimits import rate_limited
from common.redirects import login_required_post
from consent.purposes import Purpose
from posts.models import Post
from posts.presentation.composer import render_composer
from posts.presentation.content_owners import set_content_owners_from_posts
from posts.presentation.hydrate import hydrate_posts
from posts.presentation.metadata import profile_metadata
from posts.presentation.training_status import annotate_training_status
from timeline import selectors
from timeline.home.pages import count_newer, home_cards, home_rows
from timeline.home.read_marker import mark_home_read
from timeline.queries import pinned_rows, profile_rows, public_rows
from timeline.reasons import say_why_in_list

marker_limit = rate_limited("read-home", limit=600, seconds=300)

LANDING_POSTS = 10
MAX_NEW_POSTS_COUNTED = 40
PROFILE_TABS: dict[str, Callable[[User, Viewer], QuerySet[Post]]] = {
    "posts": selectors.profile_timeline,
    "replies": selectors.profile_replies,
    "media": selectors.profile_media,
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_anonymous:
        page = feed_from_callable(request, partial(public_rows, request.user), size=LANDING_POSTS)
        return render(request, "timeline/landing.html", {"page": page})
    page = home_page(request, current_user(request))
    standing = annotate_training_status(page.items, request.user)
    ask_again = [Purpose(purpose).label for purpose in standing.needs_reconfirmation()]
    context = {"page": page, "composer": render_composer(request), "ask_again": ask_again}
    if not page.items:
        context["people"] = suggested_users(request.user)
    return feed_page(request, "timeline/home.html", context)


@require_safe
def public(request: HttpRequest) -> HttpResponse:
    page = feed_from_callable(request, partial(public_rows, request.user))
    return feed_page(request, "timeline/public.html", {"page": page})


@require_safe
def profile(request: HttpRequest, username: str, tab: str = "posts") -> HttpResponse:
    owner = get_user_or_404(username)
    between = relationship(request.user, owner)
    page = feed_from_callable(
        request, partial(profile_rows, PROFILE_TABS[tab], owner, request.user)
    )
    pinned = pinned_cards(request, owner) if page.is_first and tab == "posts" else []
    set_content_owners_from_posts(request, [*pinned, *page.items], owner)
    context = {
        "profile": owner,
        "page": page,
        "pinned": pinned,
        "tab": tab,
        "is_self": request.user == owner,
        "relationship": between,
        "introduction": profile_metadata(owner, between),
    }
    return feed_page(request, "timeline/profile.html", context)


@login_required
@require_safe
def people_list(request: HttpRequest, list_id: int) -> HttpResponse:
    people = get_object_or_404(
        UserList.objects.select_related("owner"), pk=list_id, owner=current_user(request)
    )
    page = feed(request, selectors.list_timeline(people))
    say_why_in_list(page.items, people)
    return feed_page(request, "timeline/list.html", {"page": page, "list": people})


@login_required
@require_safe
def new_posts(request: HttpRequest) -> HttpResponse:
    """Say how many posts came home since the newest one that a page shows; 204 where none did."""
    count = count_newer(
        current_user(request),
        above=get_cursor(request, "since_id") or 0,
        most=MAX_NEW_POSTS_COUNTED,
    )
    if not count:
        return HttpResponse(status=204)
    return render(
        request,
        "timeline/_new_posts_banner.html",
        {"count": count, "is_more": count == MAX_NEW_POSTS_COUNTED},
    )


@login_required_post
@marker_limit
def read_home(request: HttpRequest) -> HttpResponse:
    """Note that home is read up to the newest post that a page showed."""
    newest = parse_id(request.POST.get("last_read_id"))
    if newest is not None:
        mark_home_read(user=current_user(request), up_to=newest)
    return HttpResponse(status=204) if is_htmx_partial(request) else redirect("timeline:home")


def home_page(request: HttpRequest, viewer: User) -> Page[Post]:
    below = get_cursor(request, "max_id")
    rows = home_rows(viewer, below=below, size=PAGE_SIZE + 1)
    following = (
        url_with_param(request, "max_id", rows[PAGE_SIZE - 1].pk) if len(rows) > PAGE_SIZE else None
    )
    return Page(home_cards(rows[:PAGE_SIZE], viewer), following, is_first=below is None)


def pinned_cards(request: HttpRequest, owner: User) -> list[Post]:
    posts = hydrate_posts(pinned_rows(owner, request.user), request.user)
    if posts and owner == request.user:
        annotate_training_status(posts, owner)
    return posts


def feed(request: HttpRequest, posts: QuerySet[Post], size: int = PAGE_SIZE) -> Page[Post]:
    """Cut one page of cards, with the training mark on those of the viewer's own."""
    return _cards(paginate(posts, request, size=size), request)


def feed_from_callable(
    request: HttpRequest, rows: Callable[..., list[Post]], size: int = PAGE_SIZE
) -> Page[Post]:
    """Cut such a page out of rows that a question of `timeline.queries` brings."""
    return _cards(
        paginate_callable(lambda below, size: rows(below=below, size=size), request, size=size),
        request,
    )


def _cards(page: Page[Post], request: HttpRequest) -> Page[Post]:
    """Show posts in place of the rows that brought them."""
    page = replace(page, items=hydrate_posts(page.items, request.user))
    if any(post.author_id == request.user.pk for post in page.items):
        annotate_training_status(page.items, current_user(request))
    return page


def feed_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render_partial(request, template, "timeline/_feed.html", context)
