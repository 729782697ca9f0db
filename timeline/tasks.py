from celery import shared_task
from django.utils import timezone

from timeline import news
from timeline.sharing import services as sharing
from timeline.trends.counting import count_trends
from timeline.trends.days import count_tag_days


@shared_task(expires=30)
def act_on_news() -> None:
    """Act on what happened since the last time; two at once share the work."""
    news.act_on_news()


@shared_task(expires=600)
def extend_sitemap() -> None:
    """Begin new parts of the sitemap where posts have come."""
    sharing.extend_sitemap()


@shared_task(expires=120)
def count_what_is_talked_about() -> None:
    """Count trends, and the days of tags, as they are now."""
    now = timezone.now()
    count_trends(now)
    count_tag_days(now.date())
