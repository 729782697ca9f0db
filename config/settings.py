"""The one settings file: what differs between places comes from the environment (see README.md)."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.embedded.urls import celery_broker_url

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = os.environ.get("ENVIRONMENT", "development")
if ENVIRONMENT not in ("development", "production"):
    raise ImproperlyConfigured(f"ENVIRONMENT is {ENVIRONMENT!r}; set it to development or production.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False


def required(name: str, what: str) -> str:
    """Return an environment variable, or refuse to start and say what belongs there."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set {name} in the environment: {what}.")
    return value


def listed(name: str, default: str = "") -> list[str]:
    """Return a comma-separated environment variable as a list."""
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


if not PRODUCTION:
    from config.embedded.secrets import development_secrets

    for key, value in development_secrets().items():
        os.environ.setdefault(key, value)

SECRET_KEY = required("SECRET_KEY", "a long random text, the same for every process of this site")
SIGNING_KEY = required("SIGNING_KEY", "the base64 of a 32-byte Ed25519 seed; it signs manifests and the consent log")

_loopback = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
# The log signs under this name for good, so that a wrong one is worse than none.
SITE_URL = (
    required("SITE_URL", "the address that people type, such as https://example.org")
    if PRODUCTION
    else os.environ.get("SITE_URL", _loopback)
).rstrip("/")
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if not PRODUCTION else "")
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS in the environment: the host names of this site.")
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "common",
    "consent",
    "accounts",
    "posts",
    "timeline",
    "dataset_export",
    "seeding",
]

MIDDLEWARE = [
    "consent.web_policy.declare_usage",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.middleware.build_addresses_from_site_url",
    "common.middleware.share_with_other_origins",
    "common.middleware.keep_private",
    "common.middleware.CompressedPages",
    "django_structlog.middlewares.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "common.ratelimits.limit_reading",
    "consent.web_policy.refuse_crawlers",
    "common.middleware.refuse_nul",
    "common.lost_words.keep_lost_words",
]
CSRF_FAILURE_VIEW = "common.lost_words.answer_csrf_failure"

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "timeline.notifications.badge.unread",
            ],
        },
    },
]


def database(url: str) -> dict[str, object]:
    """Return Django's settings for a `postgresql://` URL; a socket folder may be its host or `?host=`."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://")
    query = dict(parse_qsl(parts.query))
    # A machine that loses its power says no goodbye: after a minute the server lets go of what its workers held.
    keepalives = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
    # psycopg prepares what `common.compiled_queries` asks it to, and nothing else: Django's own cursors never prepare.
    options: dict[str, object] = {"connect_timeout": 10, "options": keepalives, "prepare_threshold": 5}
    if pool_size := int(os.environ.get("DATABASE_POOL_SIZE", "0")):
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    if "sslmode" in query:
        options["sslmode"] = query["sslmode"]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or unquote(parts.hostname or ""),
        "PORT": query.get("port") or str(parts.port or ""),
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database(required("DATABASE_URL", "where PostgreSQL is, postgresql://user:password@host/name"))}
REDIS_URL = required("REDIS_URL", "where the Redis-protocol server is, redis://host:6379/0")
CACHES = {
    "default": {
        "BACKEND": "common.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = celery_broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# No task is longer than a minute, and whatever is lost is queued again from PostgreSQL by `resume_builds`.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "socket_timeout": 30, "socket_connect_timeout": 2}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_TIMEZONE = "UTC"
# How often beat looks for open ranges that nobody works on.
BUILD_SWEEP_SECONDS = float(os.environ.get("BUILD_SWEEP_SECONDS", "5"))
# How often beat looks for rows that have to be erased from the files of snapshots.
ERASURE_SWEEP_SECONDS = float(os.environ.get("ERASURE_SWEEP_SECONDS", "10"))
# How long, at the least, erased bytes are collected before the tables on disk are written anew without them.
ERASURE_SCRUB_SECONDS = float(os.environ.get("ERASURE_SCRUB_SECONDS", "60"))
# A larger table is not: downloads stand still while it is done. Its free space is overwritten in time.
ERASURE_REWRITE_TABLE_BYTES = int(os.environ.get("ERASURE_REWRITE_TABLE_BYTES", str(1 << 30)))
# The task that acts on what `common.news.tell` notes; the parts that tell know only its name.
NEWS_TASK = "timeline.tasks.act_on_news"
# How often beat looks for news whose message was lost, or that could not be acted on.
NEWS_SWEEP_SECONDS = float(os.environ.get("NEWS_SWEEP_SECONDS", "3"))
# Pictures: how often beat looks for those that no worker has, and for files of what was deleted.
MEDIA_SWEEP_SECONDS = float(os.environ.get("MEDIA_SWEEP_SECONDS", "30"))
CELERY_BEAT_SCHEDULE = {
    "act on news": {"task": NEWS_TASK, "schedule": NEWS_SWEEP_SECONDS},
    "say that a worker is alive": {"task": "common.tasks.beat_heart", "schedule": 10.0},
    "queue again what was lost": {"task": "dataset_export.tasks.resume_builds", "schedule": BUILD_SWEEP_SECONDS},
    "erase what was withdrawn": {"task": "dataset_export.tasks.erase_withheld", "schedule": ERASURE_SWEEP_SECONDS},
    "count for reviews": {"task": "dataset_export.tasks.count_for_review", "schedule": BUILD_SWEEP_SECONDS},
    "tell of the end of polls": {"task": "posts.tasks.end_polls", "schedule": 10.0},
    "publish what is due": {"task": "posts.tasks.publish_what_is_due", "schedule": 15.0},
    "count for transparency": {"task": "dataset_export.tasks.count_for_transparency", "schedule": 300.0},
    "sign what was decided": {"task": "consent.tasks.sign_checkpoints", "schedule": 20.0},
    "tell who has copies": {"task": "dataset_export.tasks.tell_downloaders", "schedule": 60.0},
    "extend the sitemap": {"task": "timeline.tasks.extend_sitemap", "schedule": 600.0},
    "send to webhooks": {"task": "dataset_export.tasks.send_webhooks", "schedule": 30.0},
    "remove files of what was deleted": {
        "task": "common.tasks.remove_discarded_files",
        "schedule": MEDIA_SWEEP_SECONDS,
    },
    "develop pictures that wait": {"task": "posts.tasks.develop_waiting", "schedule": MEDIA_SWEEP_SECONDS},
    "fetch cards of links that wait": {"task": "posts.tasks.fetch_waiting", "schedule": MEDIA_SWEEP_SECONDS},
    "delete pictures that nobody used": {"task": "posts.tasks.delete_orphans", "schedule": 3600.0},
    "develop portraits that wait": {"task": "accounts.tasks.develop_waiting", "schedule": MEDIA_SWEEP_SECONDS},
    "tell who asked for access": {"task": "dataset_export.tasks.tell_askers", "schedule": 300.0},
    "count what is talked about": {"task": "timeline.tasks.count_what_is_talked_about", "schedule": 300.0},
}
# Webhooks go to public hosts, and cards of links come from there; tests have a server on this machine.
STRANGERS_ON_LOOPBACK = False
# A request is read no further than four pictures are large, and a form's words.
FILE_UPLOAD_HANDLERS = [
    "common.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
LARGEST_PICTURE = 16 * 1024 * 1024
LARGEST_REQUEST = 4 * LARGEST_PICTURE + 1024 * 1024
# A range of a build that nobody has begun this long after it was queued is queued again.
BUILD_REQUEUE_SECONDS = int(os.environ.get("BUILD_REQUEUE_SECONDS", "30"))
# Posts in one task of a build: some seconds of work, so that a killed worker costs no more than that.
BUILD_RANGE_POSTS = int(os.environ.get("BUILD_RANGE_POSTS", "10000"))

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "timeline:home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_REDIRECT_URL = "consent:welcome"
EMAIL_URL = os.environ.get("EMAIL_URL", "")
ACCOUNT_FORMS = {
    "change_password": "accounts.forms.PasswordChangeForm",
    "login": "accounts.forms.LogInForm",
    "signup": "accounts.forms.SignUpForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_URL else "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "timeline:home"
ACCOUNT_USERNAME_VALIDATORS = "accounts.models.USERNAME_VALIDATORS"
# Failed log-ins are limited by address and by name with address (`accounts.services.log_in_limits`): the limit by name
# alone would let anybody lock others out.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
# A session alone changes neither addresses nor tokens; and who has the account's address is told of each change.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Sign-up says the same whether an address is known; without mail to tell its owner, two accounts may name one.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Commonplace] "

if EMAIL_URL:
    _mail = urlsplit(EMAIL_URL)
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Commonplace <noreply@localhost>")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", BASE_DIR / "var" / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
# What people send: files below MEDIA_ROOT, which web and workers share, or a bucket.
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", BASE_DIR / "var" / "media"))
MEDIA_URL = "media/"


def media_storage(url: str) -> Any:
    """Return Django's storage for `s3://key:secret@endpoint/bucket?region=…&public=cdn.example.org`, or for files."""
    if not url:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"allow_overwrite": True}}
    parts = urlsplit(url)
    if parts.scheme not in ("s3", "s3+http"):
        raise ImproperlyConfigured("MEDIA_STORAGE_URL must begin with s3://")
    query = dict(parse_qsl(parts.query))
    scheme = "http" if parts.scheme == "s3+http" else "https"
    endpoint = f"{scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "access_key": unquote(parts.username or ""),
            "secret_key": unquote(parts.password or ""),
            "endpoint_url": endpoint,
            "bucket_name": parts.path.strip("/"),
            "region_name": query.get("region"),
            "custom_domain": query.get("public"),
            "querystring_auth": False,
            "default_acl": query.get("acl"),
            # As `common.images.views` says it of files that this site serves.
            "object_parameters": {"CacheControl": "public, max-age=300, must-revalidate"},
        },
    }


def media_origin(url: str) -> list[str]:
    """Return from where browsers fetch pictures, when that is not this site."""
    if not url:
        return []
    parts = urlsplit(url)
    public = dict(parse_qsl(parts.query)).get("public")
    return [f"https://{public or parts.hostname}"]


MEDIA_STORAGE_URL = os.environ.get("MEDIA_STORAGE_URL", "")
STORAGES: dict[str, Any] = {
    "default": media_storage(MEDIA_STORAGE_URL),
    # Compressing takes longer than all the rest of a first start, and over loopback it buys nothing.
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", *media_origin(MEDIA_STORAGE_URL)],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "worker-src": [SELF],
        "manifest-src": [SELF],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
# Two checkouts beside each other are one host to a browser; their cookies need names of their own.
if not PRODUCTION and (_port := os.environ.get("PORT", "8000")) != "8000":
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"sessionid_{_port}", f"csrftoken_{_port}"
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = os.environ.get("SECURE_SSL_REDIRECT", "1") != "0"
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The redirect to https goes to the site's own name, not to whichever host a request names.
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc
# Reads a minute: of one address without log-in, pages and API, and of a person's programs. Far above what a reader
# does, and below what taking everything needs.
READ_LIMITS = {
    "anonymous_pages": int(os.environ.get("ANONYMOUS_PAGES_PER_MINUTE", "300")),
    "anonymous_api": int(os.environ.get("ANONYMOUS_API_READS_PER_MINUTE", "120")),
    "account": int(os.environ.get("ACCOUNT_API_READS_PER_MINUTE", "300")),
}
# How many proxies stand before this site; the client's address is read that far from the right.
TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "common.parsers.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "common.api_errors.answer_with_error",
    "DEFAULT_THROTTLE_CLASSES": ["common.throttles.ReadLimit"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Commonplace",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "DecisionEnum": "consent.models.ConsentEvent.Decision",
        "AccountDecisionEnum": "consent.api.serializers.ACCOUNT_DECISIONS",
    },
}

LOG_FORMAT = os.environ.get("LOG_FORMAT", "json" if PRODUCTION else "console")
_shared_processors: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_shared_processors,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": _shared_processors,
        },
        "console": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
            "foreign_pre_chain": _shared_processors,
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {
        "handlers": ["stderr"],
        "level": os.environ.get("LOG_LEVEL", "INFO" if PRODUCTION else "WARNING"),
    },
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
