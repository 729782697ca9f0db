from collections.abc import Iterable

from django.http import HttpRequest

from accounts.models import User
from consent.web_policy import about_people
from posts.models import Post


def about_posts(request: HttpRequest, posts: Iterable[Post], *others: User) -> None:
    """Say whose words a page shows, before it is rendered; a post that is not for everyone closes it to crawlers."""
    shown = [shown for post in posts for shown in (post, post.quoted) if shown is not None]
    about_people(
        request,
        [*(post.author_id for post in shown), *(person.pk for person in others)],
        is_public=all(post.visibility == Post.Visibility.PUBLIC for post in shown),
    )
