from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.selectors import annotate_follow_status
from accounts.views.profile import current_user
from common.htmx import render_partial
from common.pagination import PAGE_SIZE, Page, paginate, url_with_param
from common.ratelimits import allow_request, too_many_requests, who_asks
from posts.models import Post
from posts.presentation.content_owners import set_content_owners_from_posts
from posts.presentation.hydrate import hydrate_posts
from posts.presentation.training_status import annotate_training_status
from timeline.hashtags import usage_by_day
from timeline.search.engine import SearchCursor, SearchPage, resolve_query, search_posts
from timeline.search.hashtags import find_tags
from timeline.search.parser import Query, parse_query
from timeline.search.people import find_people
from timeline.selectors import posts_for_results

TABS = {"posts": "Posts", "people": "People", "tags": "Tags"}
BEST, _NEWEST = "best", "newest"
SEARCHES, _SECONDS = 300, 300


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    if not allow_request("search", who_asks(request), limit=SEARCHES, seconds=_SECONDS):
        return too_many_requests(request, _SECONDS)
    query = parse_query(request.GET.get("q", ""), timezone.now().date())
    tab = request.GET.get("tab", "posts")
    context = {"query": query, "tab": tab if tab in TABS else "posts", "tabs": tabs(request)}
    if query.is_blank:
        return render(request, "timeline/search.html", context)
    if tab == "people":
        return _people(request, query, context)
    if tab == "tags":
        return tags(request, query, context)
    return _posts(request, query, context)


def tabs(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Return name, label and address of each tab, for what was typed."""
    return [(name, label, address(request, tab=name)) for name, label in TABS.items()]


def address(request: HttpRequest, **more: str) -> str:
    """Return the address of the first page of this search in another form."""
    return f"{request.path}?{urlencode({'q': request.GET.get('q', ''), **more})}"


def _posts(request: HttpRequest, query: Query, context: dict[str, object]) -> HttpResponse:
    order = _NEWEST if request.GET.get("sort") == _NEWEST else BEST
    asked = resolve_query(query, request.user)
    if query.problems:
        return render(request, "timeline/search.html", context, status=422)
    cursor = SearchCursor.read(request.GET.get("cursor", ""))
    found = search_posts(asked, size=PAGE_SIZE, cursor=cursor, newest_first=order == _NEWEST)
    page = _page_of(request, found, is_first=cursor is None)
    set_content_owners_from_posts(request, page.items)
    orders = [
        (name, f"{name.title()} first", address(request, sort=name)) for name in (BEST, _NEWEST)
    ]
    return render_partial(
        request,
        "timeline/search.html",
        "timeline/_feed.html",
        {**context, "page": page, "is_partial": found.is_partial, "order": order, "orders": orders},
    )


def _page_of(request: HttpRequest, found: SearchPage, *, is_first: bool) -> Page[Post]:
    """Return the cards of what was found, in its order."""
    rows = posts_for_results(found.ids, request.user)
    items = hydrate_posts([rows[pk] for pk in found.ids if pk in rows], request.user)
    if any(post.author_id == request.user.pk for post in items):
        annotate_training_status(items, current_user(request))
    following = url_with_param(request, "cursor", found.following) if found.following else None
    return Page(items, following, is_first)


def _people(request: HttpRequest, query: Query, context: dict[str, object]) -> HttpResponse:
    page = paginate(find_people(query.words, request.user), request, key="place", oldest_first=True)
    annotate_follow_status(page.items, request.user)
    return render(request, "timeline/search.html", {**context, "page": page})


def tags(request: HttpRequest, query: Query, context: dict[str, object]) -> HttpResponse:
    today = timezone.now().date()
    page = paginate(find_tags(query.words, today), request, key="place")
    days = usage_by_day([tag.pk for tag in page.items], today)
    rows = [(tag, days.get(tag.pk)) for tag in page.items]
    return render(request, "timeline/search.html", {**context, "page": page, "rows": rows})
