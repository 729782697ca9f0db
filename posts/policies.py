"""Who may answer and who may quote a post; what a card shows, a publication asks again."""

from accounts.models import User
from posts.models import Post
from posts.models.post import REPLY_RULES

CONVERSATION_RULES = {
    Post.Repliers.FOLLOWERS: "Only people who follow @{name}, or whom the first post mentions, can answer here.",
    Post.Repliers.MENTIONED: "Only people whom @{name} mentions in the first post can answer here.",
}


def reply_rules(post: Post, beginning: Post | None) -> list[str]:
    """Return who may answer in a conversation, and who this post of it, in words for everybody; empty if all may."""
    rules = []
    if beginning is not None and beginning.reply_policy in CONVERSATION_RULES:
        rules.append(
            CONVERSATION_RULES[Post.Repliers(beginning.reply_policy)].format(
                name=beginning.author.username
            )
        )
    if post != beginning and post.reply_policy in REPLY_RULES:
        rules.append(REPLY_RULES[post.reply_policy])
    return rules


def reply_denied_expression(post: Post) -> str | None:
    """Return why the viewer for whom a post was fetched may not answer it."""
    return None if post.may_reply else post.reply_rule


def quote_denied_expression(post: Post) -> str | None:
    """Return why the viewer for whom a post was fetched may not quote it."""
    return None if post.may_quote else post.quote_rule


def reply_error(author: User, post: Post) -> str | None:
    """Return why somebody may not answer a post, as things stand in the database, or None."""
    found = get_readable(author, post)
    return (
        "The post that you answer was deleted." if found is None else reply_denied_expression(found)
    )


def quote_error(author: User, post: Post) -> str | None:
    """Return why somebody may not quote a post, as things stand in the database, or None."""
    found = get_readable(author, post)
    return (
        "The post that you quote was deleted." if found is None else quote_denied_expression(found)
    )


def get_readable(author: User, post: Post) -> Post | None:
    """Fetch a post with what its author allows; None where it is gone or, say, one of the two blocks the other."""
    posts = Post.objects.without_reposts().visible_to(author).with_permissions(author)
    return posts.filter(pk=post.pk).order_by("pk").first()
