import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

from config import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
embedded.attach_dev_services()

app = Celery("commonplace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_django_logging(**_kwargs: Any) -> None:
    """Keep Celery from replacing the structured log set up by Django's settings."""
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
