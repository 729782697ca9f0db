"""Page metadata for links: canonical URL, Open Graph, Twitter card, JSON-LD, oEmbed.

Only public content, and only the warning of a post with a content warning. https://ogp.me,
https://oembed.com, https://schema.org/SocialMediaPosting
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from accounts.models import User
from accounts.selectors import Relationship
from common.urls import absolute_url
from posts.models import Media, Post

SITE_NAME = "Commonplace"
OPEN_TO_ALL = (Post.Visibility.PUBLIC, Post.Visibility.UNLISTED)
DESCRIPTION_LENGTH = 200
_TITLE_LENGTH = 70
# Escaped so that nothing ends the <script> or starts a comment.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
EMBED_WIDTH, MIN_EMBED_WIDTH = 550, 220
EMBED_HEIGHT, MIN_EMBED_HEIGHT = 260, 120
# Cache time on other sites: deletions and edits must show within minutes.
EMBED_AGE = 300


class Alternate(NamedTuple):
    """An alternative format of the page."""

    type: str
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class PageIntroduction:
    """The metadata in a page's head."""

    kind: str
    title: str
    description: str
    url: str
    json_ld: SafeString
    image: str
    image_alt: str = ""
    # Whether the image is the page's subject rather than the site's logo.
    is_image_large: bool = False
    alternates: tuple[Alternate, ...] = ()
    published_at: datetime | None = None
    edited_at: datetime | None = None


def post_metadata(post: Post) -> PageIntroduction | None:
    """Return the metadata of a post's page; None if it is not public."""
    if not post.is_open or post.repost_of_id is not None:
        return None
    url = absolute_url(post.get_absolute_url())
    picture = shown_picture(post)
    embed = Alternate(
        "application/json+oembed",
        absolute_url(f"/oembed?{urlencode({'url': url})}"),
        "Embed this post",
    )
    return PageIntroduction(
        kind="article",
        title=author_label(post.author),
        description=shown_text(post, DESCRIPTION_LENGTH),
        url=url,
        image=absolute_file_url(picture.url) if picture else default_image_url(),
        image_alt=picture.alt if picture else "",
        is_image_large=picture is not None,
        json_ld=script_json(
            [
                social_media_posting(post),
                breadcrumbs(*breadcrumb_path(post.author), ("Post", post.get_absolute_url())),
            ]
        ),
        alternates=(embed, *feed_links(post.author)),
        published_at=post.created_at,
        edited_at=post.edited_at,
    )


def profile_metadata(profile: User, between: Relationship) -> PageIntroduction:
    """Return the metadata of a profile, limited to what its page shows everyone."""
    bio = "" if between.is_blocked else profile.bio
    follower_count = None if between.is_blocked_either_way else between.follower_count
    return PageIntroduction(
        kind="profile",
        title=author_label(profile),
        description=Truncator(bio or "Posts on Commonplace.").chars(DESCRIPTION_LENGTH),
        url=absolute_url(profile.get_absolute_url()),
        image=absolute_file_url(profile.large_avatar_url)
        if profile.avatar
        else default_image_url(),
        json_ld=script_json(
            [profile_page(profile, bio, follower_count), breadcrumbs(*breadcrumb_path(profile))]
        ),
        alternates=feed_links(profile),
    )


def shown_picture(post: Post) -> Media | None:
    """Return the first image of a hydrated post, unless it is sensitive."""
    if post.warning or post.is_sensitive:
        return None
    return next((picture for picture in post.pictures if picture.is_ready), None)


def default_image_url() -> str:
    """Return the URL of the site's logo, for pages without an image."""
    return absolute_file_url(static("img/icon-512.png"))


def absolute_file_url(url: str) -> str:
    """Return the absolute URL of a file; external storage returns one already."""
    return absolute_url(url) if url.startswith("/") else url


def hashtag_metadata(name: str, label: str) -> PageIntroduction:
    """Return the metadata of a hashtag page."""
    path = reverse("timeline:hashtag", args=[name])
    title = f"Posts with #{label}"
    return PageIntroduction(
        kind="website",
        title=f"#{label}",
        description=f"Public posts with #{label} on {SITE_NAME}.",
        url=absolute_url(path),
        image=default_image_url(),
        json_ld=script_json([breadcrumbs((f"#{label}", path))]),
        alternates=feed_links_at(path, title),
    )


def author_label(person: User) -> str:
    return f"{person.name} (@{person.username})"


def shown_text(post: Post, length: int) -> str:
    """Return an excerpt of a hydrated post: its warning, its text, or a description of its
    content.
    """
    return Truncator(post.warning or post.text or describe_contents(post)).chars(length)


def describe_contents(post: Post) -> str:
    """Describe the content of a post without text."""
    if post.has_media:
        alt = next((picture.alt for picture in post.pictures if picture.alt), "")
        if alt and not post.is_sensitive:
            return f"Image: {alt}"
        kind = "Sensitive image" if post.is_sensitive else "Picture"
        return f"{kind}{'s' if len(post.pictures) > 1 else ''} by {post.author.name}"
    if post.poll is not None:
        return f"Poll: {', '.join(option.text for option in post.poll.options)}"
    if post.quoted is not None:
        return f"{post.author.name} quotes {post.quoted.author.name}"
    return f"Post by {post.author.name}"


def feed_links(person: User) -> tuple[Alternate, ...]:
    return feed_links_at(person.get_absolute_url(), f"Posts by {person.name}")


def feed_links_at(path: str, title: str) -> tuple[Alternate, ...]:
    return (
        Alternate("application/atom+xml", absolute_url(f"{path}.atom"), title),
        Alternate("application/rss+xml", absolute_url(f"{path}.rss"), title),
    )


def social_media_posting(post: Post) -> dict[str, Any]:
    url = absolute_url(post.get_absolute_url())
    data = {
        "@type": "SocialMediaPosting",
        "@id": url,
        "url": url,
        "headline": shown_text(post, _TITLE_LENGTH),
        "datePublished": post.created_at.isoformat(),
        "author": person_data(post.author),
        "interactionStatistic": [
            interaction_counter("LikeAction", post.like_count),
            interaction_counter("CommentAction", post.reply_count),
            interaction_counter("ShareAction", post.repost_count),
        ],
    }
    if not post.warning:
        data["articleBody"] = post.text
    if picture := shown_picture(post):
        data["image"] = absolute_file_url(picture.url)
    if post.edited_at:
        data["dateModified"] = post.edited_at.isoformat()
    if post.language:
        data["inLanguage"] = post.language
    return data


def profile_page(profile: User, bio: str, follower_count: int | None) -> dict[str, Any]:
    person = person_data(profile)
    if follower_count is not None:
        person["interactionStatistic"] = interaction_counter("FollowAction", follower_count)
    if profile.avatar:
        person["image"] = absolute_file_url(profile.large_avatar_url)
    if bio:
        person["description"] = bio
    return {
        "@type": "ProfilePage",
        "dateCreated": profile.date_joined.isoformat(),
        "mainEntity": person,
    }


def person_data(person: User) -> dict[str, Any]:
    return {
        "@type": "Person",
        "name": person.name,
        "alternateName": f"@{person.username}",
        "url": absolute_url(person.get_absolute_url()),
    }


def interaction_counter(action: str, count: int) -> dict[str, Any]:
    return {
        "@type": "InteractionCounter",
        "interactionType": f"https://schema.org/{action}",
        "userInteractionCount": count,
    }


def breadcrumb_path(person: User) -> list[tuple[str, str]]:
    return [(author_label(person), person.get_absolute_url())]


def breadcrumbs(*steps: tuple[str, str]) -> dict[str, Any]:
    """Return the breadcrumb path as names and paths."""
    way = [(SITE_NAME, absolute_url("/")), *((name, absolute_url(path)) for name, path in steps)]
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": url}
        for position, (name, url) in enumerate(way, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def script_json(graph: list[dict[str, Any]]) -> SafeString:
    """Return JSON-LD escaped for a <script>."""
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return mark_safe(text.translate(ESCAPES))  # noqa: S308


def oembed(post: Post, maximum_width: int | None, maximum_height: int | None) -> dict[str, Any]:
    """Return the oEmbed response of a post (https://oembed.com, type "rich")."""
    width = max(min(maximum_width or EMBED_WIDTH, EMBED_WIDTH), MIN_EMBED_WIDTH)
    height = max(min(maximum_height or EMBED_HEIGHT, EMBED_HEIGHT), MIN_EMBED_HEIGHT)
    frame = format_html(
        '<iframe src="{}" width="{}" height="{}" title="Post by {}" loading="lazy" frameborder="0" '
        'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>',
        absolute_url(f"{post.get_absolute_url()}/embed"),
        width,
        height,
        author_label(post.author),
    )
    return {
        "version": "1.0",
        "type": "rich",
        "title": shown_text(post, _TITLE_LENGTH),
        "author_name": author_label(post.author),
        "author_url": absolute_url(post.author.get_absolute_url()),
        "provider_name": SITE_NAME,
        "provider_url": absolute_url("/"),
        "cache_age": EMBED_AGE,
        "html": frame,
        "width": width,
        "height": height,
    }
