"""Feeds of posts in Atom (RFC 4287) and RSS 2.0, images also as Media RSS
(https://www.rssboard.org/media-rss).
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from xml.sax.xmlreader import AttributesImpl

import regex
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed, SyndicationFeed
from django.utils.html import format_html, format_html_join
from django.utils.http import quote_etag
from django.utils.xmlutils import SimplerXMLGenerator

from common.urls import absolute_url
from posts.models import LinkPreview, Media, Post
from posts.presentation.metadata import absolute_file_url, author_label, shown_text
from posts.presentation.poll_view import PollView

_TITLE_LENGTH = 80
# Characters that XML 1.0 cannot represent.
NOT_IN_XML = regex.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAX_AGE = 300
MEDIA_NAMESPACE = {"xmlns:media": "http://search.yahoo.com/mrss/"}
PICTURE_TYPE = "image/webp"
# An unknown enclosure length (https://www.rssboard.org/rss-profile#element-channel-item-enclosure).
UNKNOWN_LENGTH = "0"


class FeedInfo(NamedTuple):
    """A feed's title and the paths of its page and itself."""

    title: str
    description: str
    page: str
    path: str


class AtomFeed(Atom1Feed):
    def root_attributes(self) -> dict[str, str]:
        return super().root_attributes() | MEDIA_NAMESPACE

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        _add_pictures(handler, item["pictures"])


class RssFeed(Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return super().rss_attributes() | MEDIA_NAMESPACE

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        # RSS allows one enclosure; all images follow as Media RSS.
        super().add_item_elements(handler, item | {"enclosures": item["enclosures"][:1]})
        _add_pictures(handler, item["pictures"])


_FORMATS: dict[str, type[AtomFeed] | type[RssFeed]] = {"atom": AtomFeed, "rss": RssFeed}


def _add_pictures(handler: SimplerXMLGenerator, pictures: Sequence[Media]) -> None:
    for picture in pictures:
        size = {"width": str(picture.width), "height": str(picture.height)}
        named = {"url": absolute_file_url(picture.url), "type": PICTURE_TYPE, "medium": "image"}
        handler.startElement("media:content", AttributesImpl(named | size))
        if picture.alt:
            handler.addQuickElement(
                "media:description", strip_invalid_xml(picture.alt), {"type": "plain"}
            )
        handler.endElement("media:content")


def feed_response(
    request: HttpRequest, channel: FeedInfo, posts: Sequence[Post], form: str
) -> HttpResponse:
    """Respond with a feed, or 304 if the reader has exactly this one.

    Without Last-Modified: removing the newest post would lower it, and readers that ask by date
    would never learn of it.
    """
    items = [build_item(post) for post in posts]
    etag = quote_etag(_digest(channel, items))
    response = get_conditional_response(request, etag) or HttpResponse(
        render_feed(channel, items, _FORMATS[form]), content_type=_FORMATS[form].content_type
    )
    response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=_MAX_AGE, must_revalidate=True)
    return response


def _digest(channel: FeedInfo, items: Sequence[dict[str, Any]]) -> str:
    """Return a digest of the feed's content."""
    said = [
        [*item.values(), *((picture.url, picture.alt) for picture in item["pictures"])]
        for item in items
    ]
    return hashlib.sha256(repr((channel, said)).encode()).hexdigest()[:32]


def build_item(post: Post) -> dict[str, Any]:
    """Build a feed entry from a hydrated post."""
    url = absolute_url(post.get_absolute_url())
    return {
        "title": strip_invalid_xml(shown_text(post, _TITLE_LENGTH)),
        "link": url,
        "description": strip_invalid_xml(content(post)),
        "unique_id": url,
        "unique_id_is_permalink": True,
        "author_name": strip_invalid_xml(author_label(post.author)),
        "author_link": absolute_url(post.author.get_absolute_url()),
        "pubdate": post.created_at.astimezone(UTC),
        "updateddate": changed_at(post).astimezone(UTC),
        "pictures": shown_pictures(post),
    }


def changed_at(post: Post) -> datetime:
    return post.edited_at or post.created_at


def shown_pictures(post: Post) -> list[Media]:
    """Return the ready, non-sensitive images of a post."""
    if post.warning or post.is_sensitive:
        return []
    return [picture for picture in post.pictures if picture.is_ready]


def render_feed(
    channel: FeedInfo, items: Sequence[dict[str, Any]], form: type[SyndicationFeed]
) -> str:
    feed = form(
        title=strip_invalid_xml(channel.title),
        link=absolute_url(channel.page),
        description=strip_invalid_xml(channel.description),
        feed_url=absolute_url(channel.path),
        feed_guid=absolute_url(channel.page),
    )
    for item in items:
        enclosures = [
            Enclosure(absolute_file_url(each.url), UNKNOWN_LENGTH, PICTURE_TYPE)
            for each in item["pictures"]
        ]
        feed.add_item(**item, enclosures=enclosures)
    return str(feed.writeString("utf-8"))


def content(post: Post) -> str:
    """Return a post as HTML with absolute URLs; behind a warning only a link to it."""
    url = absolute_url(post.get_absolute_url())
    if post.warning:
        return format_html('<p>{}</p><p><a href="{}">Read on</a></p>', post.warning, url)
    parts = [post.html.replace('href="/', f'href="{absolute_url("/")}') if post.text else ""]
    if post.is_sensitive and post.has_media:
        parts.append(format_html('<p><a href="{}">Sensitive pictures</a></p>', url))
    parts += [picture_html(picture) for picture in shown_pictures(post)]
    if post.poll is not None:
        parts.append(poll_html(post.poll))
    if post.quoted is not None:
        parts.append(quote_html(post.quoted))
    if post.preview is not None:
        parts.append(preview_html(post.preview))
    return "".join(parts)


def picture_html(picture: Media) -> str:
    return format_html(
        '<p><img src="{}" alt="{}" width="{}" height="{}"></p>',
        absolute_file_url(picture.url),
        picture.alt,
        picture.width,
        picture.height,
    )


def poll_html(poll: PollView) -> str:
    return format_html(
        "<ul>{}</ul>",
        format_html_join("", "<li>{}</li>", ((option.text,) for option in poll.options)),
    )


def quote_html(quoted: Post) -> str:
    """Name the quoted post without its text, which is another author's."""
    url = absolute_url(quoted.get_absolute_url())
    return format_html(
        '<p>Quotes <a href="{}">a post by {}</a></p>', url, author_label(quoted.author)
    )


def preview_html(preview: LinkPreview) -> str:
    return format_html(
        '<blockquote><p><a href="{}">{}</a></p><p>{}</p></blockquote>',
        preview.url,
        preview.title,
        preview.description,
    )


def strip_invalid_xml(text: str) -> str:
    return NOT_IN_XML.sub("", text)
