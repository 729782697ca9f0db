from django.db.models import Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.selectors import Viewer
from posts.models import KeywordFilter, LinkPreview, Post
from timeline.models import Trend
from timeline.models.trend import TrendQuerySet


def trending_tags() -> TrendQuerySet:
    return Trend.objects.shown().filter(kind=Trend.Kind.TAG).select_related("tag")


def trending_links() -> TrendQuerySet:
    """Trends of links, with the `title` that the page gave itself where one is known."""
    title = LinkPreview.objects.filter(url=OuterRef("url")).values("title")[:1]
    links = Trend.objects.shown().filter(kind=Trend.Kind.LINK)
    return links.annotate(title=Coalesce(Subquery(title), Value("")))


def trending_posts(viewer: Viewer) -> TrendQuerySet:
    """Trends of posts that are still such as may be one, as far as the viewer reads them."""
    posts = Post.objects.public().filter(
        author__is_discoverable=True, is_sensitive=False, warning=""
    )
    if viewer.is_authenticated:
        posts = posts.without_blocked(viewer).without_muted(viewer)
    posts = (
        posts.in_preferred_languages(viewer)
        .without_filtered(viewer, KeywordFilter.Place.PUBLIC)
        .filter(pk=OuterRef("post"))
    )
    return Trend.objects.shown().filter(Exists(posts), kind=Trend.Kind.POST)
