from celery import shared_task
from django.utils import timezone

from common.task_names import TaskName
from timeline import event_handlers
from timeline.syndication import services as sharing
from timeline.trends.daily_usage import count_tag_days
from timeline.trends.scoring import count_trends


@shared_task(name=TaskName.OUTBOX_DISPATCH, expires=30)
def dispatch_outbox_task() -> None:
    """Handle all outbox events that wait; concurrent runs share them."""
    event_handlers.dispatch_outbox()


@shared_task(name=TaskName.SITEMAP_EXTEND, expires=600)
def extend_sitemap_task() -> None:
    """Begin new parts of the sitemap where posts have come."""
    sharing.extend_sitemap()


@shared_task(name=TaskName.TRENDS_UPDATE, expires=120)
def update_trends() -> None:
    """Count trends, and the days of tags, as they are now."""
    now = timezone.now()
    count_trends(now)
    count_tag_days(now.date())
