"""The one settings file: what differs between places comes from the environment (see README.md)."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from csp.constants import NONE, SELF
from kombu import Queue

from common.task_names import TaskName
from config import environment, queues
from config.environment import listed, media_origin, media_storage, required
from config.log_redaction import redact_log_entry

BASE_DIR = Path(__file__).resolve().parent.parent

required(
    "ENVIRONMENT",
    "production, or development for a checkout, where `make run` starts the site"
    " and `make manage ARGS=shell` runs a management command",
)
ENVIRONMENT = environment.one_of("ENVIRONMENT", ("development", "production"), "")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False

SECRET_KEY = required("SECRET_KEY", "a long random text, the same for every process of this site")
SIGNING_KEY = required(
    "SIGNING_KEY", "the base64 of a 32-byte Ed25519 seed; it signs manifests and the consent log"
)
if PRODUCTION:
    environment.require_strong_secret(SECRET_KEY)
environment.require_signing_key(SIGNING_KEY)

_loopback = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
# The log signs under this name for good, so that a wrong one is worse than none.
SITE_URL = environment.require_origin(
    "SITE_URL",
    required("SITE_URL", "the address that people type, such as https://example.org")
    if PRODUCTION
    else os.environ.get("SITE_URL") or _loopback,
)
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if not PRODUCTION else "")
if PRODUCTION:
    environment.require_hosts(ALLOWED_HOSTS)
CSRF_TRUSTED_ORIGINS = [
    environment.require_origin("CSRF_TRUSTED_ORIGINS", origin)
    for origin in listed("CSRF_TRUSTED_ORIGINS")
]

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
    "demo",
]

MIDDLEWARE = [
    "common.middleware.set_permissions_policy",
    "consent.ai_policy.middleware.ai_usage_headers_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.middleware.build_addresses_from_site_url",
    "common.middleware.share_with_other_origins",
    "common.middleware.keep_private",
    "common.middleware.HTMLCompressionMiddleware",
    "common.middleware.RequestLog",
    "common.middleware.name_visitor",
    "csp.middleware.CSPMiddleware",
    "common.middleware.RefuseUnreadableText",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "common.ratelimits.limit_reading",
    "consent.ai_policy.middleware.refuse_crawlers",
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
                "timeline.notifications.context_processors.unread_notifications",
            ],
        },
    },
]


DATABASES = {
    "default": environment.database(
        required("DATABASE_URL", "where PostgreSQL is, postgresql://user:password@host/name"),
        pool_size=environment.whole_number("DATABASE_POOL_SIZE", 0),
        # None for workers and commands, whose tasks have limits of their own; `config.wsgi` sets one for requests.
        statement_seconds=environment.whole_number("DATABASE_STATEMENT_SECONDS", 0),
    )
}
REDIS_URL = environment.redis_url(
    required("REDIS_URL", "where the Redis-protocol server is, redis://host:6379/0")
)
CACHES = {
    "default": {
        "BACKEND": "common.cache.FailOpenRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = environment.build_celery_broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_QUEUES = [Queue(name) for name in queues.QUEUES]
CELERY_TASK_DEFAULT_QUEUE = queues.DEFAULT_QUEUE
CELERY_TASK_ROUTES = {task: {"queue": queue} for task, queue in queues.ROUTES.items()}
CELERY_TASK_ANNOTATIONS = queues.ANNOTATIONS
CELERY_TASK_TIME_LIMIT = max(queues.TIME_LIMITS.values())
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request that sends a task waits for Redis no longer than this; workers ask it anew every second.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": queues.VISIBILITY_SECONDS,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_TIMEZONE = "UTC"
# How often beat looks for open ranges that nobody works on.
BUILD_SWEEP_SECONDS = environment.seconds("BUILD_SWEEP_SECONDS", 5)
# How often beat looks for rows that have to be erased from the files of snapshots.
ERASURE_SWEEP_SECONDS = environment.seconds("ERASURE_SWEEP_SECONDS", 10)
# Rows of suspended people and closed accounts are out of the files at once, and erased for good after so many days.
SUSPENSION_FINAL_AFTER_DAYS = environment.whole_number("SUSPENSION_FINAL_AFTER_DAYS", 30)
# How long, at the least, erased bytes are collected before the tables on disk are written anew without them.
ERASURE_VACUUM_SECONDS = environment.seconds("ERASURE_VACUUM_SECONDS", 60)
# A larger table is not: downloads stand still while it is done. Its free space is overwritten in time.
ERASURE_VACUUM_FULL_MAX_BYTES = environment.whole_number("ERASURE_VACUUM_FULL_MAX_BYTES", 1 << 30)
# How often beat looks for news whose message was lost, or that could not be acted on.
OUTBOX_SWEEP_SECONDS = environment.seconds("OUTBOX_SWEEP_SECONDS", 3)
# Pictures: how often beat looks for those that no worker has, and for files of what was deleted.
MEDIA_SWEEP_SECONDS = environment.seconds("MEDIA_SWEEP_SECONDS", 30)
CELERY_BEAT_SCHEDULE = {
    **queues.HEARTBEATS,
    **queues.build_schedule(
        {
            TaskName.ACCESS_NOTIFY_REQUESTERS: 300.0,
            TaskName.BUILDS_RESUME: BUILD_SWEEP_SECONDS,
            TaskName.DRAFTS_PUBLISH_DUE: 15.0,
            TaskName.ERASURE_ERASE_REVOKED: ERASURE_SWEEP_SECONDS,
            TaskName.FILES_DELETE_ORPHANED: MEDIA_SWEEP_SECONDS,
            TaskName.LINK_PREVIEWS_RETRY_PENDING: MEDIA_SWEEP_SECONDS,
            TaskName.MAIL_RETRY_PENDING: 15.0,
            TaskName.MEDIA_DELETE_UNUSED: 3600.0,
            TaskName.MEDIA_RETRY_PENDING: MEDIA_SWEEP_SECONDS,
            TaskName.OUTBOX_DISPATCH: OUTBOX_SWEEP_SECONDS,
            TaskName.POLLS_CLOSE: 10.0,
            TaskName.PROFILE_IMAGES_RETRY_PENDING: MEDIA_SWEEP_SECONDS,
            TaskName.REMOVALS_NOTIFY_DOWNLOADERS: 60.0,
            TaskName.REMOVALS_SEND_WEBHOOKS: 30.0,
            TaskName.REVIEW_COMPUTE_STATISTICS: BUILD_SWEEP_SECONDS,
            TaskName.SITEMAP_EXTEND: 600.0,
            TaskName.TRANSPARENCY_COMPUTE_STATISTICS: 300.0,
            TaskName.TRANSPARENCY_LOG_SIGN_CHECKPOINT: 20.0,
            TaskName.TRENDS_UPDATE: 300.0,
        }
    ),
}
# Webhooks go to public hosts, and cards of links come from there; tests have a server on this machine.
ALLOW_LOOPBACK_REQUESTS = False
# A request is read no further than four pictures are large, and a form's words.
FILE_UPLOAD_HANDLERS = [
    "common.uploads.MaxSizeUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
MAX_IMAGE_BYTES = 16 * 1024 * 1024
# With less room than this where pictures are kept, `/readyz` says that this process cannot serve.
MIN_FREE_DISK_BYTES = environment.whole_number("MIN_FREE_DISK_BYTES", 200_000_000)
MAX_REQUEST_BYTES = 4 * MAX_IMAGE_BYTES + 1024 * 1024
# A range of a build that nobody has begun this long after it was queued is queued again.
BUILD_REQUEUE_AFTER_SECONDS = environment.whole_number("BUILD_REQUEUE_AFTER_SECONDS", 30, minimum=1)
# Posts in one task of a build: some seconds of work, so that a killed worker costs no more than that.
BUILD_TASK_POSTS = environment.whole_number("BUILD_TASK_POSTS", 10_000, minimum=1)

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "timeline:home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_REDIRECT_URL = "consent:onboarding"
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

# Where mail goes: EMAIL_BACKEND writes it down, EMAIL_TRANSPORT is what a worker sends it by.
_mail = environment.mail(EMAIL_URL, is_production=PRODUCTION)
EMAIL_BACKEND, EMAIL_TRANSPORT = _mail["EMAIL_BACKEND"], _mail["EMAIL_TRANSPORT"]
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST", "localhost"), _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (
    _mail.get("EMAIL_HOST_USER", ""),
    _mail.get("EMAIL_HOST_PASSWORD", ""),
)
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = environment.MAIL_SECONDS
DEFAULT_FROM_EMAIL = environment.sender("DEFAULT_FROM_EMAIL", "Commonplace <noreply@localhost>")

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
    # Browsers take cookies of such a name from this very host only, and over TLS.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_SSL_REDIRECT = environment.is_on("SECURE_SSL_REDIRECT", "1")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^healthz/workers$", r"^readyz$"]
    # Browsers remember these: an hour, for this host, until the operator knows that TLS stays, and where.
    SECURE_HSTS_SECONDS = environment.whole_number("HSTS_SECONDS", 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = environment.is_on("HSTS_INCLUDE_SUBDOMAINS", "0")
    SECURE_HSTS_PRELOAD = environment.is_on("HSTS_PRELOAD", "0")
    SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W005", "security.W021"]
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
TRUSTED_PROXIES = environment.whole_number("TRUSTED_PROXIES", 0)
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
    "EXCEPTION_HANDLER": "common.api_errors.api_exception_handler",
    "DEFAULT_THROTTLE_CLASSES": ["common.throttles.ReadLimit"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Commonplace",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "common.api_schema.add_refusals",
    ],
    "ENUM_NAME_OVERRIDES": {
        "DecisionEnum": "consent.models.ConsentEvent.Decision",
        "AccountDecisionEnum": "consent.api.serializers.ACCOUNT_DECISIONS",
    },
}

LOG_FORMAT = environment.one_of(
    "LOG_FORMAT", ("json", "console"), "json" if PRODUCTION else "console"
)
LOG_LEVEL = environment.one_of(
    "LOG_LEVEL",
    ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
    "INFO" if PRODUCTION else "WARNING",
)
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
                redact_log_entry,
                structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": _shared_processors,
        },
        "console": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact_log_entry,
                structlog.dev.ConsoleRenderer(colors=False),
            ],
            "foreign_pre_chain": _shared_processors,
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {
        "handlers": ["stderr"],
        "level": LOG_LEVEL,
    },
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # What happens to accounts is on record whatever the level of the rest.
        "security": {"level": "INFO"},
    },
}
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
