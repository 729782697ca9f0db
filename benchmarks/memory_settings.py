"""The site's settings without a database; a query would raise."""

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE as OF_THE_SITE

DATABASES: dict[str, object] = {}
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
LOG_IN = "django.contrib.auth.middleware.AuthenticationMiddleware"
MIDDLEWARE = [
    "benchmarks.memory.FromMemory" if name == LOG_IN else name
    for name in OF_THE_SITE
    if name != SESSIONS
]
