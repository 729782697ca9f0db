from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.selectors import with_standing
from accounts.views import signed_in
from common.pagination import PAGE_SIZE, Page, address_with, paginate
from common.ratelimits import is_within_limit, too_many_requests, who_asks
from common.rendering import render_page_or_part
from posts.cards import complete
from posts.crawling import about_posts
from posts.models import Post
from posts.training import mark_own_posts
from timeline.search.people import find_people
from timeline.search.posts import Cursor, Found, find, prepare
from timeline.search.syntax import Query, read
from timeline.search.tags import find_tags
from timeline.selectors import found_posts
from timeline.tags import days_of

TABS = {"posts": "Posts", "people": "People", "tags": "Tags"}
BEST, NEWEST = "best", "newest"
SEARCHES, SECONDS = 300, 300


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    if not is_within_limit("search", who_asks(request), limit=SEARCHES, seconds=SECONDS):
        return too_many_requests(request, SECONDS)
    query = read(request.GET.get("q", ""), timezone.now().date())
    tab = request.GET.get("tab", "posts")
    context = {"query": query, "tab": tab if tab in TABS else "posts", "tabs": tabs(request)}
    if query.is_blank:
        return render(request, "timeline/search.html", context)
    if tab == "people":
        return people(request, query, context)
    if tab == "tags":
        return tags(request, query, context)
    return posts(request, query, context)


def tabs(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Return name, label and address of each tab, for what was typed."""
    return [(name, label, address(request, tab=name)) for name, label in TABS.items()]


def address(request: HttpRequest, **more: str) -> str:
    """Return the address of the first page of this search in another form."""
    return f"{request.path}?{urlencode({'q': request.GET.get('q', ''), **more})}"


def posts(request: HttpRequest, query: Query, context: dict[str, object]) -> HttpResponse:
    order = NEWEST if request.GET.get("sort") == NEWEST else BEST
    asked = prepare(query, request.user)
    if query.problems:
        return render(request, "timeline/search.html", context, status=422)
    cursor = Cursor.read(request.GET.get("cursor", ""))
    found = find(asked, size=PAGE_SIZE, cursor=cursor, newest_first=order == NEWEST)
    page = page_of(request, found, is_first=cursor is None)
    about_posts(request, page.items)
    orders = [(name, f"{name.title()} first", address(request, sort=name)) for name in (BEST, NEWEST)]
    return render_page_or_part(
        request,
        "timeline/search.html",
        "timeline/_feed.html",
        {**context, "page": page, "is_partial": found.is_partial, "order": order, "orders": orders},
    )


def page_of(request: HttpRequest, found: Found, *, is_first: bool) -> Page[Post]:
    """Return the cards of what was found, in its order."""
    rows = found_posts(found.ids, request.user)
    items = complete([rows[pk] for pk in found.ids if pk in rows], request.user)
    if any(post.author_id == request.user.pk for post in items):
        mark_own_posts(items, signed_in(request))
    following = address_with(request, "cursor", found.following) if found.following else None
    return Page(items, following, is_first)


def people(request: HttpRequest, query: Query, context: dict[str, object]) -> HttpResponse:
    page = paginate(find_people(query.words, request.user), request, key="place", oldest_first=True)
    with_standing(page.items, request.user)
    return render(request, "timeline/search.html", {**context, "page": page})


def tags(request: HttpRequest, query: Query, context: dict[str, object]) -> HttpResponse:
    today = timezone.now().date()
    page = paginate(find_tags(query.words, today), request, key="place")
    days = days_of([tag.pk for tag in page.items], today)
    rows = [(tag, days.get(tag.pk)) for tag in page.items]
    return render(request, "timeline/search.html", {**context, "page": page, "rows": rows})
