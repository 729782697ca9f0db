from timeline.models import SitemapPage
from timeline.syndication.selectors import PART_SIZE, listed_posts


def extend_sitemap() -> None:
    """Start a new sitemap page after so many posts; closed pages never change."""
    last = SitemapPage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    while (following := next_page_start(last)) is not None:
        SitemapPage.objects.get_or_create(pk=following)
        last = following


def next_page_start(first_id: int) -> int | None:
    """Return the first post id of the page after the one from `first_id`."""
    ids = listed_posts().filter(pk__gte=first_id).order_by("pk").values_list("pk", flat=True)
    # Skips the posts of one page, a bounded number.
    return next(iter(ids[PART_SIZE : PART_SIZE + 1]), None)
