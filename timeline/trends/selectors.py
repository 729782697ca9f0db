from django.db.models import Exists, OuterRef

from accounts.selectors import Viewer
from posts.models import Post
from timeline.models import Trend
from timeline.models.trend import TrendQuerySet


def trending_tags() -> TrendQuerySet:
    return Trend.objects.shown().filter(kind=Trend.Kind.TAG).select_related("tag")


def trending_links() -> TrendQuerySet:
    return Trend.objects.shown().filter(kind=Trend.Kind.LINK)


def trending_posts(viewer: Viewer) -> TrendQuerySet:
    """Trends of posts that are still such as may be one, as far as the viewer reads them."""
    posts = Post.objects.public().filter(author__is_discoverable=True, is_sensitive=False, warning="")
    if viewer.is_authenticated:
        posts = posts.without_blocked(viewer).without_muted(viewer)
    return Trend.objects.shown().filter(Exists(posts.filter(pk=OuterRef("post"))), kind=Trend.Kind.POST)
