"""What a page says of itself to those who link to it: canonical address, Open Graph, Twitter card, JSON-LD, oEmbed.

Only what everyone may read is said here, and of a post with a content warning only the warning.
https://ogp.me, https://oembed.com, https://schema.org/SocialMediaPosting
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
from common.addresses import absolute
from posts.models import Media, Post

SITE_NAME = "Commonplace"
OPEN_TO_ALL = (Post.Visibility.PUBLIC, Post.Visibility.UNLISTED)
DESCRIPTION_LENGTH = 200
TITLE_LENGTH = 70
# In a <script> nothing may end it, nor begin a comment.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
EMBED_WIDTH, NARROWEST_EMBED = 550, 220
EMBED_HEIGHT, LOWEST_EMBED = 260, 120
# How long other sites may keep what they show: what is deleted, or edited, is to be so there within minutes.
EMBED_AGE = 300


class Alternate(NamedTuple):
    """The same in another form, for a program."""

    type: str
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a page says of itself in its head."""

    kind: str
    title: str
    description: str
    url: str
    json_ld: SafeString
    image: str
    image_alt: str = ""
    # The image is what the page is about, and not only a sign of the site.
    is_image_large: bool = False
    alternates: tuple[Alternate, ...] = ()
    published_at: datetime | None = None
    edited_at: datetime | None = None


def introduce_post(post: Post) -> Introduction | None:
    """Return what the page of a post says of itself; None where not everyone may read the post."""
    if not post.is_open or post.repost_of_id is not None:
        return None
    url = absolute(post.get_absolute_url())
    picture = shown_picture(post)
    embed = Alternate("application/json+oembed", absolute(f"/oembed?{urlencode({'url': url})}"), "Embed this post")
    return Introduction(
        kind="article",
        title=by_line(post.author),
        description=shown_text(post, DESCRIPTION_LENGTH),
        url=url,
        image=address_of(picture.url) if picture else sign(),
        image_alt=picture.alt if picture else "",
        is_image_large=picture is not None,
        json_ld=script_json([posting(post), breadcrumbs(*way_to(post.author), ("Post", post.get_absolute_url()))]),
        alternates=(embed, *feeds_of(post.author)),
        published_at=post.created_at,
        edited_at=post.edited_at,
    )


def introduce_profile(profile: User, between: Relationship) -> Introduction:
    """Return what a profile says of itself, which is no more than its page shows to whoever looks at it."""
    bio = "" if between.is_blocked else profile.bio
    follower_count = None if between.is_parted else between.follower_count
    return Introduction(
        kind="profile",
        title=by_line(profile),
        description=Truncator(bio or "Posts on Commonplace.").chars(DESCRIPTION_LENGTH),
        url=absolute(profile.get_absolute_url()),
        image=address_of(profile.large_avatar_url) if profile.avatar else sign(),
        json_ld=script_json([profile_page(profile, bio, follower_count), breadcrumbs(*way_to(profile))]),
        alternates=feeds_of(profile),
    )


def shown_picture(post: Post) -> Media | None:
    """Return the first picture of a post that `posts.cards.complete` has put together; none that may be too much."""
    if post.warning or post.is_sensitive:
        return None
    return next((picture for picture in post.pictures if picture.is_ready), None)


def sign() -> str:
    """Return the address of the site's own sign, for pages without a picture."""
    return address_of(static("img/icon-512.png"))


def address_of(url: str) -> str:
    """Return a file's address as others see it; a storage elsewhere gives a whole one already."""
    return absolute(url) if url.startswith("/") else url


def introduce_tag(name: str, label: str) -> Introduction:
    """Return what the page of one tag says of itself."""
    path = reverse("timeline:tag", args=[name])
    title = f"Posts with #{label}"
    return Introduction(
        kind="website",
        title=f"#{label}",
        description=f"Public posts with #{label} on {SITE_NAME}.",
        url=absolute(path),
        image=sign(),
        json_ld=script_json([breadcrumbs((f"#{label}", path))]),
        alternates=feeds_at(path, title),
    )


def by_line(person: User) -> str:
    return f"{person.name} (@{person.username})"


def shown_text(post: Post, length: int) -> str:
    """Return the beginning of a post; of one with a warning, the warning, and of one without words, what it shows.

    Of a post that `posts.cards.complete` has put together.
    """
    return Truncator(post.warning or post.text or describe_contents(post)).chars(length)


def describe_contents(post: Post) -> str:
    """Return in words what a post without words consists of."""
    if post.has_media:
        alt = next((picture.alt for picture in post.pictures if picture.alt), "")
        if alt and not post.is_sensitive:
            return f"Image: {alt}"
        kind = "Sensitive picture" if post.is_sensitive else "Picture"
        return f"{kind}{'s' if len(post.pictures) > 1 else ''} by {post.author.name}"
    if post.poll is not None:
        return f"Poll: {', '.join(option.text for option in post.poll.options)}"
    if post.quoted is not None:
        return f"{post.author.name} quotes {post.quoted.author.name}"
    return f"Post by {post.author.name}"


def feeds_of(person: User) -> tuple[Alternate, ...]:
    return feeds_at(person.get_absolute_url(), f"Posts by {person.name}")


def feeds_at(path: str, title: str) -> tuple[Alternate, ...]:
    return (
        Alternate("application/atom+xml", absolute(f"{path}.atom"), title),
        Alternate("application/rss+xml", absolute(f"{path}.rss"), title),
    )


def posting(post: Post) -> dict[str, Any]:
    url = absolute(post.get_absolute_url())
    data = {
        "@type": "SocialMediaPosting",
        "@id": url,
        "url": url,
        "headline": shown_text(post, TITLE_LENGTH),
        "datePublished": post.created_at.isoformat(),
        "author": person_data(post.author),
        "interactionStatistic": [
            counter("LikeAction", post.like_count),
            counter("CommentAction", post.reply_count),
            counter("ShareAction", post.repost_count),
        ],
    }
    if not post.warning:
        data["articleBody"] = post.text
    if picture := shown_picture(post):
        data["image"] = address_of(picture.url)
    if post.edited_at:
        data["dateModified"] = post.edited_at.isoformat()
    if post.language:
        data["inLanguage"] = post.language
    return data


def profile_page(profile: User, bio: str, follower_count: int | None) -> dict[str, Any]:
    person = person_data(profile)
    if follower_count is not None:
        person["interactionStatistic"] = counter("FollowAction", follower_count)
    if profile.avatar:
        person["image"] = address_of(profile.large_avatar_url)
    if bio:
        person["description"] = bio
    return {"@type": "ProfilePage", "dateCreated": profile.date_joined.isoformat(), "mainEntity": person}


def person_data(person: User) -> dict[str, Any]:
    return {
        "@type": "Person",
        "name": person.name,
        "alternateName": f"@{person.username}",
        "url": absolute(person.get_absolute_url()),
    }


def counter(action: str, count: int) -> dict[str, Any]:
    return {
        "@type": "InteractionCounter",
        "interactionType": f"https://schema.org/{action}",
        "userInteractionCount": count,
    }


def way_to(person: User) -> list[tuple[str, str]]:
    return [(by_line(person), person.get_absolute_url())]


def breadcrumbs(*steps: tuple[str, str]) -> dict[str, Any]:
    """Return the way from the first page to this one, by names and paths."""
    way = [(SITE_NAME, absolute("/")), *((name, absolute(path)) for name, path in steps)]
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": url}
        for position, (name, url) in enumerate(way, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def script_json(graph: list[dict[str, Any]]) -> SafeString:
    """Return JSON-LD as it may stand in a <script>, whatever people wrote."""
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    return mark_safe(text.translate(ESCAPES))  # noqa: S308


def oembed(post: Post, maximum_width: int | None, maximum_height: int | None) -> dict[str, Any]:
    """Return what another site needs to show a post (https://oembed.com, a "rich" answer)."""
    width = max(min(maximum_width or EMBED_WIDTH, EMBED_WIDTH), NARROWEST_EMBED)
    height = max(min(maximum_height or EMBED_HEIGHT, EMBED_HEIGHT), LOWEST_EMBED)
    frame = format_html(
        '<iframe src="{}" width="{}" height="{}" title="Post by {}" loading="lazy" frameborder="0" '
        'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>',
        absolute(f"{post.get_absolute_url()}/embed"),
        width,
        height,
        by_line(post.author),
    )
    return {
        "version": "1.0",
        "type": "rich",
        "title": shown_text(post, TITLE_LENGTH),
        "author_name": by_line(post.author),
        "author_url": absolute(post.author.get_absolute_url()),
        "provider_name": SITE_NAME,
        "provider_url": absolute("/"),
        "cache_age": EMBED_AGE,
        "html": frame,
        "width": width,
        "height": height,
    }
