"""Explains why each post is in a timeline."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from accounts.models import Follow, User, UserList
from posts.models import HashtagFollow, PostQuerySet


def annotate_sources(rows: PostQuerySet, viewer: User) -> PostQuerySet:
    """Annotate `is_followed`, whether the viewer follows the author, and a `followed_tag`."""
    tags = HashtagFollow.objects.filter(user=viewer, tag__taggings__post=OuterRef("pk")).order_by(
        "pk"
    )
    return rows.annotate(
        is_followed=Exists(Follow.objects.filter(follower=viewer, followed=OuterRef("author"))),
        followed_tag=Subquery(tags.values("tag__label")[:1]),
    )


def annotate_reasons(posts: Iterable[Any], tags: dict[int, str], viewer: User) -> None:
    """Set `reason` on home posts, and `matched_hashtag` where only a hashtag brought one.

    `tags` are followed hashtags by post id, for authors the viewer does not follow.
    """
    for post in posts:
        if post.reposted_by is not None:
            post.reason = repost_reason(post.reposted_by, viewer)
        elif post.author_id == viewer.pk:
            post.reason = "Here because you wrote it."
        elif post.pk in tags:
            post.matched_hashtag = tags[post.pk]
            post.reason = f"Here because you follow #{post.matched_hashtag}."
        else:
            post.reason = f"Here because you follow @{post.author.username}."


def repost_reason(by: User, viewer: User) -> str:
    if by.pk == viewer.pk:
        return "Here because you reposted it."
    return f"Here because you follow @{by.username}, who reposted it."


def say_why_in_list(posts: Iterable[Any], people: UserList) -> None:
    """Set `reason` on posts of a list's timeline."""
    for post in posts:
        member = post.reposted_by or post.author
        did = ", who reposted it" if post.reposted_by else ""
        post.reason = f"Here because @{member.username}{did} is in your list “{people.title}”."
