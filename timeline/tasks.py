from celery import shared_task
from django.utils import timezone

from timeline import event_handlers
from timeline.syndication import services as sharing
from timeline.trends.daily_usage import count_tag_days
from timeline.trends.scoring import count_trends


@shared_task(expires=30)
def act_on_news() -> None:
    """Act on what happened since the last time; two at once share the work."""
    event_handlers.dispatch_outbox()


@shared_task(expires=600)
def extend_sitemap_task() -> None:
    """Begin new parts of the sitemap where posts have come."""
    sharing.extend_sitemap()


@shared_task(expires=120)
def update_trends() -> None:
    """Count trends, and the days of tags, as they are now."""
    now = timezone.now()
    count_trends(now)
    count_tag_days(now.date())
