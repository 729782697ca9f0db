from collections.abc import Iterable, Iterator
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.views.profile import get_user_or_404
from common.snowflake import time_of
from common.urls import absolute_url
from posts.models import Hashtag
from posts.presentation.content_owners import set_content_owners_from_posts
from posts.presentation.metadata import author_label
from posts.text.entities import tag_name
from timeline.syndication import selectors
from timeline.syndication.feeds import FeedInfo, feed_response

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = [
    "timeline:home",
    "timeline:public",
    "dataset_export:catalogue",
    "dataset_export:transparency",
]
_CHUNK = 2_000
# Deleted posts leave the sitemap within minutes.
_fresh = cache_control(public=True, max_age=300, must_revalidate=True)


@require_safe
def profile_feed(request: HttpRequest, username: str, form: str) -> HttpResponse:
    owner = get_user_or_404(username)
    posts = selectors.sitemap_posts(owner)
    set_content_owners_from_posts(request, posts, owner)
    page = owner.get_absolute_url()
    about = owner.bio or "Posts on Commonplace."
    channel = FeedInfo(author_label(owner), about, page, f"{page}.{form}")
    return feed_response(request, channel, posts, form)


@require_safe
def tag_feed(request: HttpRequest, name: str, form: str) -> HttpResponse:
    tag = get_object_or_404(Hashtag, name=tag_name(name))
    posts = selectors.posts_tagged(tag)
    set_content_owners_from_posts(request, posts)
    page = reverse("timeline:hashtag", args=[tag.name])
    channel = FeedInfo(
        f"#{tag.label}", f"Public posts with #{tag.label} on Commonplace.", page, f"{page}.{form}"
    )
    return feed_response(request, channel, posts, form)


@require_safe
@_fresh
def sitemap(request: HttpRequest) -> StreamingHttpResponse:
    """List the sitemap pages (https://www.sitemaps.org/protocol.html)."""
    paths = [
        reverse("timeline:sitemap_pages"),
        *(
            reverse("timeline:sitemap_users", args=[first])
            for first in selectors.sitemap_user_starts()
        ),
        *(reverse("timeline:sitemap_posts", args=[first]) for first in selectors.sitemap_starts()),
    ]
    return xml(f"<sitemap><loc>{escape(absolute_url(path))}</loc></sitemap>" for path in paths)


@require_safe
@_fresh
def sitemap_pages(request: HttpRequest) -> StreamingHttpResponse:
    return xml(map(entry, map(reverse, PAGES)), "urlset")


@require_safe
@_fresh
def sitemap_people(request: HttpRequest, first_id: int) -> StreamingHttpResponse:
    if first_id not in selectors.sitemap_user_starts():
        raise Http404("There is no such part.")
    names = selectors.sitemap_page_users(first_id)
    return xml((entry(f"/@{name}") for name in names), "urlset")


@require_safe
@_fresh
def sitemap_posts_page(request: HttpRequest, first_id: int) -> StreamingHttpResponse:
    if first_id not in selectors.sitemap_starts():
        raise Http404("There is no such part.")
    rows = selectors.sitemap_page_posts(first_id).values_list("pk", "author__username", "edited_at")
    entries = (
        entry(f"/@{username}/{pk}", edited_at or time_of(pk))
        for pk, username, edited_at in rows.iterator(_CHUNK)
    )
    return xml(entries, "urlset")


def entry(path: str, changed_at: datetime | None = None) -> str:
    changed = f"<lastmod>{changed_at.isoformat(timespec='seconds')}</lastmod>" if changed_at else ""
    return f"<url><loc>{escape(absolute_url(path))}</loc>{changed}</url>"


def xml(entries: Iterable[str], root: str = "sitemapindex") -> StreamingHttpResponse:
    """Stream entries one by one, in constant memory."""

    def lines() -> Iterator[str]:
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n'
        for line in entries:
            yield f"{line}\n"
        yield f"</{root}>\n"

    return StreamingHttpResponse(lines(), content_type="application/xml; charset=utf-8")
