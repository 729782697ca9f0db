from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.models import PeopleList, User
from accounts.selectors import Viewer, people_to_meet, relationship
from accounts.views import person, signed_in
from common.navigation import signed_in_act
from common.pagination import PAGE_SIZE, Page, address_with, asked_page, cursor_of, number_of, paginate
from common.ratelimits import rate_limited
from common.rendering import asks_for_part, render_page_or_part
from consent.purposes import Purpose
from posts.cards import complete
from posts.composer import fresh_composer
from posts.crawling import about_posts
from posts.models import Post
from posts.sharing import introduce_profile
from posts.training import mark_own_posts
from timeline import selectors
from timeline.home.marking import mark_home_read
from timeline.home.reading import home_cards, home_rows, newer_rows
from timeline.questions import pinned_rows, public_rows, rows_of
from timeline.reasons import say_why_in_list

marker_limit = rate_limited("read-home", limit=600, seconds=300)

LANDING_POSTS = 10
MOST_COUNTED = 40
PROFILE_TABS: dict[str, Callable[[User, Viewer], QuerySet[Post]]] = {
    "posts": selectors.profile_timeline,
    "replies": selectors.replies_of,
    "media": selectors.media_of,
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_anonymous:
        page = asked_feed(request, partial(public_rows, request.user), size=LANDING_POSTS)
        return render(request, "timeline/landing.html", {"page": page})
    page = home_page(request, signed_in(request))
    standing = mark_own_posts(page.items, request.user)
    ask_again = [Purpose(purpose).label for purpose in standing.to_ask_again()]
    context = {"page": page, "composer": fresh_composer(request), "ask_again": ask_again}
    if not page.items:
        context["people"] = people_to_meet(request.user)
    return feed_page(request, "timeline/home.html", context)


@require_safe
def public(request: HttpRequest) -> HttpResponse:
    page = asked_feed(request, partial(public_rows, request.user))
    return feed_page(request, "timeline/public.html", {"page": page})


@require_safe
def profile(request: HttpRequest, username: str, tab: str = "posts") -> HttpResponse:
    owner = person(username)
    between = relationship(request.user, owner)
    page = asked_feed(request, partial(rows_of, PROFILE_TABS[tab], owner, request.user))
    pinned = pinned_cards(request, owner) if page.is_first and tab == "posts" else []
    about_posts(request, [*pinned, *page.items], owner)
    context = {
        "profile": owner,
        "page": page,
        "pinned": pinned,
        "tab": tab,
        "is_self": request.user == owner,
        "relationship": between,
        "introduction": introduce_profile(owner, between),
    }
    return feed_page(request, "timeline/profile.html", context)


@login_required
@require_safe
def people_list(request: HttpRequest, list_id: int) -> HttpResponse:
    people = get_object_or_404(PeopleList.objects.select_related("owner"), pk=list_id, owner=signed_in(request))
    page = feed(request, selectors.list_timeline(people))
    say_why_in_list(page.items, people)
    return feed_page(request, "timeline/list.html", {"page": page, "list": people})


@login_required
@require_safe
def newer(request: HttpRequest) -> HttpResponse:
    """Say how many posts came home since the newest one that a page shows; 204 where none did."""
    count = newer_rows(signed_in(request), above=cursor_of(request, "since_id") or 0, most=MOST_COUNTED)
    if not count:
        return HttpResponse(status=204)
    return render(request, "timeline/_newer.html", {"count": count, "is_more": count == MOST_COUNTED})


@signed_in_act
@marker_limit
def read_home(request: HttpRequest) -> HttpResponse:
    """Note that home is read up to the newest post that a page showed."""
    newest = number_of(request.POST.get("last_read_id"))
    if newest is not None:
        mark_home_read(user=signed_in(request), up_to=newest)
    return HttpResponse(status=204) if asks_for_part(request) else redirect("timeline:home")


def home_page(request: HttpRequest, viewer: User) -> Page[Post]:
    below = cursor_of(request, "max_id")
    rows = home_rows(viewer, below=below, size=PAGE_SIZE + 1)
    following = address_with(request, "max_id", rows[PAGE_SIZE - 1].pk) if len(rows) > PAGE_SIZE else None
    return Page(home_cards(rows[:PAGE_SIZE], viewer), following, is_first=below is None)


def pinned_cards(request: HttpRequest, owner: User) -> list[Post]:
    posts = complete(pinned_rows(owner, request.user), request.user)
    if posts and owner == request.user:
        mark_own_posts(posts, owner)
    return posts


def feed(request: HttpRequest, posts: QuerySet[Post], size: int = PAGE_SIZE) -> Page[Post]:
    """Cut one page of cards, with the training mark on those of the viewer's own."""
    return cards(paginate(posts, request, size=size), request)


def asked_feed(request: HttpRequest, rows: Callable[..., list[Post]], size: int = PAGE_SIZE) -> Page[Post]:
    """Cut such a page out of rows that a question of `timeline.questions` brings."""
    return cards(asked_page(lambda below, size: rows(below=below, size=size), request, size=size), request)


def cards(page: Page[Post], request: HttpRequest) -> Page[Post]:
    """Show posts in place of the rows that brought them."""
    page = replace(page, items=complete(page.items, request.user))
    if any(post.author_id == request.user.pk for post in page.items):
        mark_own_posts(page.items, signed_in(request))
    return page


def feed_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render_page_or_part(request, template, "timeline/_feed.html", context)
