from collections.abc import Iterable

from django.http import HttpRequest

from accounts.models import User
from consent.ai_policy.middleware import set_content_owners
from posts.models import Post


def set_content_owners_from_posts(
    request: HttpRequest, posts: Iterable[Post], *others: User
) -> None:
    """Declare whose content a page shows; a limited post closes it to crawlers."""
    shown = [shown for post in posts for shown in (post, post.quoted) if shown is not None]
    set_content_owners(
        request,
        [*(post.author_id for post in shown), *(person.pk for person in others)],
        is_public=all(post.visibility == Post.Visibility.PUBLIC for post in shown),
    )
