"""Who may reply to and quote a post: cards show it, publishing checks it again."""

from accounts.models import User
from posts.models import Post
from posts.models.post import REPLY_RULES

CONVERSATION_RULES = {
    Post.Repliers.FOLLOWERS: "Only people who follow @{name}, or whom the first post mentions, can answer here.",
    Post.Repliers.MENTIONED: "Only people whom @{name} mentions in the first post can answer here.",
}


def reply_rules(post: Post, beginning: Post | None) -> list[str]:
    """Return who may reply in the thread and to this post, as text; empty if everyone."""
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
    """Return why the viewer a post was fetched for may not reply."""
    return None if post.may_reply else post.reply_rule


def quote_denied_expression(post: Post) -> str | None:
    """Return why the viewer a post was fetched for may not quote it."""
    return None if post.may_quote else post.quote_rule


def reply_error(author: User, post: Post) -> str | None:
    """Return why a user may not reply to a post, by the database, or None."""
    found = get_readable(author, post)
    return (
        "The post that you answer was deleted." if found is None else reply_denied_expression(found)
    )


def quote_error(author: User, post: Post) -> str | None:
    """Return why a user may not quote a post, by the database, or None."""
    found = get_readable(author, post)
    return (
        "The post that you quote was deleted." if found is None else quote_denied_expression(found)
    )


def get_readable(author: User, post: Post) -> Post | None:
    """Fetch a readable post with its permissions; None if it is gone or blocked."""
    posts = Post.objects.without_reposts().visible_to(author).with_permissions(author)
    return posts.filter(pk=post.pk).order_by("pk").first()
