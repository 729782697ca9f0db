"""Posts as Atom (RFC 4287) and RSS 2.0."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import regex
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.html import format_html
from django.utils.http import http_date, quote_etag

from common.addresses import absolute
from posts.models import Post
from posts.sharing import by_line, shown_text

FORMATS: dict[str, type[Atom1Feed] | type[Rss201rev2Feed]] = {"atom": Atom1Feed, "rss": Rss201rev2Feed}
TITLE_LENGTH = 80
# XML 1.0 has no place for these, however they are written.
NOT_IN_XML = regex.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FRESH_SECONDS = 300


class Channel(NamedTuple):
    """What a feed is of: its name, and the paths of the page and of the feed itself."""

    title: str
    description: str
    page: str
    path: str


def feed_response(request: HttpRequest, channel: Channel, posts: Sequence[Post], form: str) -> HttpResponse:
    """Answer with a feed, or with 304 where the reader has this one."""
    etag = quote_etag(digest(channel, posts))
    changed = max((changed_at(post) for post in posts), default=None)
    modified = int(changed.timestamp()) if changed else None
    response = get_conditional_response(request, etag, modified) or HttpResponse(
        write(channel, posts, FORMATS[form]), content_type=FORMATS[form].content_type
    )
    response["ETag"] = etag
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    return response


def digest(channel: Channel, posts: Sequence[Post]) -> str:
    parts = [*channel, *(f"{post.pk} {post.edited_at} {post.author.name} {post.warning}" for post in posts)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def changed_at(post: Post) -> datetime:
    return post.edited_at or post.created_at


def write(channel: Channel, posts: Sequence[Post], form: type[SyndicationFeed]) -> str:
    feed = form(
        title=clean(channel.title),
        link=absolute(channel.page),
        description=clean(channel.description),
        feed_url=absolute(channel.path),
        feed_guid=absolute(channel.page),
    )
    for post in posts:
        feed.add_item(
            title=clean(shown_text(post, TITLE_LENGTH)),
            link=absolute(post.get_absolute_url()),
            description=clean(content(post)),
            unique_id=absolute(post.get_absolute_url()),
            unique_id_is_permalink=True,
            author_name=clean(by_line(post.author)),
            author_link=absolute(post.author.get_absolute_url()),
            pubdate=post.created_at.astimezone(UTC),
            updateddate=changed_at(post).astimezone(UTC),
        )
    return str(feed.writeString("utf-8"))


def content(post: Post) -> str:
    """Return a post's HTML, its links as they hold elsewhere; behind a warning only the way to it."""
    if post.warning:
        return format_html('<p>{}</p><p><a href="{}">Read on</a></p>', post.warning, absolute(post.get_absolute_url()))
    return post.html.replace('href="/', f'href="{absolute("/")}')


def clean(text: str) -> str:
    return NOT_IN_XML.sub("", text)
