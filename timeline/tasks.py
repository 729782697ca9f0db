from celery import shared_task

from timeline import news
from timeline.sharing import services as sharing


@shared_task(expires=30)
def act_on_news() -> None:
    """Act on what happened since the last time; two at once share the work."""
    news.act_on_news()


@shared_task(expires=600)
def extend_sitemap() -> None:
    """Begin new parts of the sitemap where posts have come."""
    sharing.extend_sitemap()
