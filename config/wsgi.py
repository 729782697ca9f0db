"""The WSGI application; importing it starts nothing."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import config.celery  # noqa: F401  the app that sends tasks
from config.content_types import drop_unreadable_charsets

application = drop_unreadable_charsets(get_wsgi_application())
