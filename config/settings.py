"""Django settings; values that differ between sites come from `config.environment`."""

import logging
from typing import Any
from urllib.parse import urlsplit

import structlog
from csp.constants import NONE, SELF
from kombu import Queue

from common.task_names import TaskName
from config import queues, service_urls
from config.environment import BASE_DIR, Environment
from config.log_console import shorten_log_entry
from config.log_redaction import redact_log_entry

env = Environment()
ENVIRONMENT = env.ENVIRONMENT
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False
SECRET_KEY = env.SECRET_KEY
SIGNING_KEY = env.SIGNING_KEY
SITE_URL = env.SITE_URL
ALLOWED_HOSTS = env.ALLOWED_HOSTS
CSRF_TRUSTED_ORIGINS = env.CSRF_TRUSTED_ORIGINS

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
    "common.request_log.RequestLogMiddleware",
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
    "default": service_urls.build_database_settings(
        env.DATABASE_URL,
        pool_size=env.DATABASE_POOL_SIZE,
        statement_seconds=env.DATABASE_STATEMENT_SECONDS,
    )
}
REDIS_URL = service_urls.parse_redis_url(env.REDIS_URL)
CACHES = {
    "default": {
        "BACKEND": "common.cache.FailOpenRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = service_urls.build_celery_broker_url(REDIS_URL)
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
# How long a request that sends a task waits for Redis; workers reconnect every second.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": queues.VISIBILITY_SECONDS,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_TIMEZONE = "UTC"
BUILD_SWEEP_SECONDS = env.BUILD_SWEEP_SECONDS
BUILD_REQUEUE_AFTER_SECONDS = env.BUILD_REQUEUE_AFTER_SECONDS
BUILD_TASK_POSTS = env.BUILD_TASK_POSTS
ERASURE_SWEEP_SECONDS = env.ERASURE_SWEEP_SECONDS
ERASURE_VACUUM_SECONDS = env.ERASURE_VACUUM_SECONDS
ERASURE_VACUUM_FULL_MAX_BYTES = env.ERASURE_VACUUM_FULL_MAX_BYTES
SUSPENSION_FINAL_AFTER_DAYS = env.SUSPENSION_FINAL_AFTER_DAYS
OUTBOX_SWEEP_SECONDS = env.OUTBOX_SWEEP_SECONDS
MEDIA_SWEEP_SECONDS = env.MEDIA_SWEEP_SECONDS
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
# Webhooks and link previews reach public hosts only; tests have a server on the loopback.
ALLOW_LOOPBACK_REQUESTS = False
FILE_UPLOAD_HANDLERS = [
    "common.uploads.MaxSizeUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
MAX_IMAGE_BYTES = 16 * 1024 * 1024
# Four images and the text of a form.
MAX_REQUEST_BYTES = 4 * MAX_IMAGE_BYTES + 1024 * 1024
MIN_FREE_DISK_BYTES = env.MIN_FREE_DISK_BYTES

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
EMAIL_URL = env.EMAIL_URL
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
# Failed logins are limited by address, and by name with address (`accounts.services`): a limit by
# name alone would let anyone lock others out.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
# Changing addresses or tokens needs the password, and is reported to the account by email.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Sign-up answers the same for a known address. Without email to tell its owner, two accounts may
# share an address.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Commonplace] "

# EMAIL_BACKEND queues emails; a worker sends them through EMAIL_TRANSPORT.
_mail = service_urls.build_mail_settings(EMAIL_URL, is_production=PRODUCTION)
EMAIL_BACKEND, EMAIL_TRANSPORT = _mail["EMAIL_BACKEND"], _mail["EMAIL_TRANSPORT"]
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST", "localhost"), _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = service_urls.MAIL_TIMEOUT_SECONDS
DEFAULT_FROM_EMAIL = env.DEFAULT_FROM_EMAIL

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env.STATIC_ROOT
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.MEDIA_ROOT
MEDIA_URL = "media/"
MEDIA_STORAGE_URL = env.MEDIA_STORAGE_URL
STORAGES: dict[str, Any] = {
    "default": service_urls.build_media_storage(MEDIA_STORAGE_URL),
    # Compression would take longer than the rest of a first start, and saves nothing on loopback.
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", *service_urls.get_media_origins(MEDIA_STORAGE_URL)],
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
# Browsers do not separate cookies by port: each development site needs names of its own.
if not PRODUCTION and env.PORT != 8000:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"sessionid_{env.PORT}", f"csrftoken_{env.PORT}"
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Browsers accept cookies with this prefix from this host only, over TLS.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_SSL_REDIRECT = env.SECURE_SSL_REDIRECT
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^healthz/workers$", r"^readyz$"]
    # One hour by default, because browsers remember it (docs/settings.md).
    SECURE_HSTS_SECONDS = env.HSTS_SECONDS
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.HSTS_INCLUDE_SUBDOMAINS
    SECURE_HSTS_PRELOAD = env.HSTS_PRELOAD
    SILENCED_SYSTEM_CHECKS = [
        "security.W005",
        "security.W021",
    ]  # subdomains and preload are optional
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Redirects to https go to the site's own name, not to the Host header.
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc
# Reads a minute, of one address without login (pages, API) and of the programs of an account: far
# above what a reader does, below what copying the site takes.
READ_LIMITS = {
    "anonymous_pages": env.ANONYMOUS_PAGES_PER_MINUTE,
    "anonymous_api": env.ANONYMOUS_API_READS_PER_MINUTE,
    "account": env.ACCOUNT_API_READS_PER_MINUTE,
}
TRUSTED_PROXIES = env.TRUSTED_PROXIES
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

LOG_FORMAT = env.LOG_FORMAT
LOG_LEVEL = env.LOG_LEVEL
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
                shorten_log_entry,
                structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0),
            ],
            "foreign_pre_chain": _shared_processors,
        },
    },
    "filters": {
        "skip_logged_requests": {"()": "common.request_log.SkipLoggedRequests"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {
        "handlers": ["stderr"],
        "level": LOG_LEVEL,
    },
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"filters": ["skip_logged_requests"]},
        # Account events are logged whatever LOG_LEVEL is.
        "security": {"level": "INFO"},
    },
}
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
if not PRODUCTION:
    # One line for each request, at its end.
    DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
