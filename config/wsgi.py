import os

from django.core.wsgi import get_wsgi_application

from config import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# A request that keeps the database busy for longer gets no answer: what takes long is for workers.
os.environ.setdefault("DATABASE_STATEMENT_SECONDS", "30")
embedded.attach_dev_services()

import config.celery  # noqa: E402, F401  tasks are sent through this app
from config.content_types import drop_unreadable_charsets  # noqa: E402

application = drop_unreadable_charsets(get_wsgi_application())
