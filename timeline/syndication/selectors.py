"""Content for anonymous programs: public for everyone."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q

from accounts.models import User
from accounts.selectors import active_users
from posts.models import Hashtag, Post, PostQuerySet
from posts.presentation.hydrate import hydrate_posts
from timeline.models import SitemapPage

FEED_POSTS = 30
# A sitemap holds 50,000 URLs (sitemaps.org); imported posts with old ids still fit.
PART_SIZE, MAX_SITEMAP_PAGES = 20_000, 50_000


def sitemap_posts(profile: User) -> list[Post]:
    """Return a user's newest public top-level posts.

    Also of undiscoverable users: whoever has the feed's URL has the page's, too.
    """
    own_threads = Q(reply_to__isnull=True, thread_id__isnull=True) | Q(reply_to__author=F("author"))
    return newest(Post.objects.public().filter(own_threads, author=profile))


def posts_tagged(tag: Hashtag) -> list[Post]:
    return newest(listed_posts().filter(taggings__tag=tag))


def newest(posts: PostQuerySet) -> list[Post]:
    nobody = AnonymousUser()
    return hydrate_posts(list(posts.with_card_data(nobody).order_by("-pk")[:FEED_POSTS]), nobody)


def listed_posts() -> PostQuerySet:
    """Public posts of discoverable users."""
    return Post.objects.public().filter(author__is_discoverable=True)


def sitemap_starts() -> list[int]:
    """Return the first post id of each sitemap page."""
    return [0, *SitemapPage.objects.order_by("pk").values_list("pk", flat=True)]


def sitemap_page_posts(first_id: int) -> PostQuerySet:
    following = (
        SitemapPage.objects.filter(pk__gt=first_id)
        .order_by("pk")
        .values_list("pk", flat=True)
        .first()
    )
    posts = listed_posts().filter(pk__gte=first_id)
    if following is not None:
        posts = posts.filter(pk__lt=following)
    return posts.order_by("pk")[:MAX_SITEMAP_PAGES]


def sitemap_user_starts() -> list[int]:
    """Return the first user id of each sitemap page."""
    newest_id = User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return list(range(0, newest_id + 1, PART_SIZE))


def sitemap_page_users(first_id: int) -> list[str]:
    people = active_users().filter(
        is_discoverable=True, pk__gte=first_id, pk__lt=first_id + PART_SIZE
    )
    return list(people.order_by("pk").values_list("username", flat=True))
