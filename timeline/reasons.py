"""Say of each post in a timeline why it is there."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from accounts.models import Follow, User, UserList
from posts.models import HashtagFollow, PostQuerySet


def annotate_sources(rows: PostQuerySet, viewer: User) -> PostQuerySet:
    """Rows with `is_followed`, whether the viewer follows who wrote one, and a `followed_tag` that it has."""
    tags = HashtagFollow.objects.filter(user=viewer, tag__taggings__post=OuterRef("pk")).order_by(
        "pk"
    )
    return rows.annotate(
        is_followed=Exists(Follow.objects.filter(follower=viewer, followed=OuterRef("author"))),
        followed_tag=Subquery(tags.values("tag__label")[:1]),
    )


def annotate_reasons(posts: Iterable[Any], tags: dict[int, str], viewer: User) -> None:
    """Set `reason` on the posts of a page of the home timeline, and `brought_by_tag` where nothing else brought one.

    `tags` are the followed tags that brought posts by people whom the viewer does not follow, by the post's id.
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
    """Set `reason` on the posts of a page of a list's timeline."""
    for post in posts:
        member = post.reposted_by or post.author
        did = ", who reposted it" if post.reposted_by else ""
        post.reason = f"Here because @{member.username}{did} is in your list “{people.title}”."
