"""The Celery app; importing it starts nothing."""

import logging.config
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from common.garbage_collection import tune_for_batches

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("commonplace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_django_logging(**_kwargs: Any) -> None:
    """Keep Celery from replacing the structured log of Django's settings."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@worker_process_init.connect
def tune_garbage_collector(**_kwargs: Any) -> None:
    """Tune the garbage collector of each worker process for builds."""
    tune_for_batches()
