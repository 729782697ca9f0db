from celery import shared_task

from timeline import news


@shared_task(expires=30)
def act_on_news() -> None:
    """Act on what happened since the last time; two at once share the work."""
    news.act_on_news()
