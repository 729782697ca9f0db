"""Say of each post in a timeline why it is there."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Subquery

from accounts.models import Follow, PeopleList, User
from posts.models import Post, PostQuerySet, TagFollow


def with_tags_that_brought_them(rows: PostQuerySet, viewer: User) -> PostQuerySet:
    """Rows of a home timeline with `found_by_tag`: the tag that brought one by somebody not followed."""
    followed = Follow.objects.filter(follower=viewer, followed=OuterRef("author"))
    tags = TagFollow.objects.filter(user=viewer, tag__taggings__post=OuterRef("pk")).exclude(
        Exists(followed.filter(followed=OuterRef(OuterRef("author"))))
    )
    return rows.annotate(found_by_tag=Subquery(tags.order_by("pk").values("tag__label")[:1]))


def say_why_at_home(posts: Iterable[Post], viewer: User) -> None:
    """Set `reason` on the posts of a page of the home timeline, and `brought_by_tag` where nothing else brought one."""
    for post in posts:
        tag = getattr(post, "found_by_tag", None)
        if post.reposted_by is not None:
            post.reason = reason_of_repost(post.reposted_by, viewer)  # type: ignore[misc]
        elif post.author_id == viewer.pk:
            post.reason = "Here because you wrote it."  # type: ignore[misc]
        elif tag:
            post.brought_by_tag = tag  # type: ignore[misc]
            post.reason = f"Here because you follow #{tag}."  # type: ignore[misc]
        else:
            post.reason = f"Here because you follow @{post.author.username}."  # type: ignore[misc]


def reason_of_repost(by: User, viewer: User) -> str:
    if by.pk == viewer.pk:
        return "Here because you reposted it."
    return f"Here because you follow @{by.username}, who reposted it."


def say_why_in_list(posts: Iterable[Post], people: PeopleList) -> None:
    """Set `reason` on the posts of a page of a list's timeline."""
    for post in posts:
        member = post.reposted_by or post.author
        did = ", who reposted it" if post.reposted_by else ""
        post.reason = f"Here because @{member.username}{did} is in your list “{people.title}”."  # type: ignore[misc]
