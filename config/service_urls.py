"""Django's settings for the URLs of PostgreSQL, Redis, mail server and bucket.

Errors never repeat a URL, because it may contain a password.
"""

import re
import sys
from typing import Any
from urllib.parse import SplitResult, parse_qs, parse_qsl, unquote, urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured

HOST = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
# Django's settings and the default port of each scheme.
MAIL_SCHEMES: dict[str, tuple[dict[str, bool], int]] = {
    "smtp": ({}, 25),
    "smtp+tls": ({"EMAIL_USE_TLS": True}, 587),  # STARTTLS
    "smtps": ({"EMAIL_USE_SSL": True}, 465),  # TLS from the first byte
}
SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
CONSOLE_BACKEND = "django.core.mail.backends.console.EmailBackend"
MAIL_TIMEOUT_SECONDS = 10


def split_url(name: str, url: str) -> SplitResult:
    """Return the parts of a URL, or raise ImproperlyConfigured without repeating it."""
    try:
        parts = urlsplit(url)
        assert parts.port is None or parts.port > 0
    except (ValueError, AssertionError) as error:
        raise ImproperlyConfigured(f"{name} is no URL: its host or port cannot be read.") from error
    if any(sign.isspace() for sign in url):
        raise ImproperlyConfigured(f"{name} is no URL: there is a space in it.")
    return parts


def build_database_settings(
    url: str, *, pool_size: int, statement_seconds: float
) -> dict[str, object]:
    """Return Django's settings for a `postgresql://` URL; `?host=` may name a socket folder."""
    parts = split_url("DATABASE_URL", url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://")
    query = dict(parse_qsl(parts.query))
    name = unquote(parts.path.lstrip("/"))
    if not name or "/" in name:
        raise ImproperlyConfigured(
            "DATABASE_URL must end with the name of a database, as in postgresql://host/name"
        )
    port = query.get("port") or str(parts.port or "")
    if port and not port.isdecimal():
        raise ImproperlyConfigured("DATABASE_URL has a port that is no number.")
    # If a machine loses power, the other side drops the connection after a minute.
    server = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
    if statement_seconds:
        server += f" -c statement_timeout={int(statement_seconds * 1000)}"
    options: dict[str, object] = {
        "connect_timeout": 10,
        "options": server,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
        # psycopg prepares what `common.compiled_queries` asks for, and nothing else.
        "prepare_threshold": sys.maxsize,
    }
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    if "sslmode" in query:
        options["sslmode"] = query["sslmode"]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or unquote(parts.hostname or ""),
        "PORT": port,
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
    }


def parse_redis_url(url: str) -> str:
    """Return a valid redis-py URL unchanged."""
    parts = split_url("REDIS_URL", url)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://")
    if parts.scheme == "unix":
        number, has_place = dict(parse_qsl(parts.query)).get("db", "0"), bool(parts.path)
    else:
        number, has_place = parts.path.strip("/") or "0", bool(parts.hostname)
    if not has_place or not (number.isascii() and number.isdecimal()):
        raise ImproperlyConfigured(
            "REDIS_URL must name a host and a number, as in redis://host:6379/0"
        )
    return url


def build_celery_broker_url(url: str) -> str:
    """Return the URL of a redis-py URL's server as Celery's transport spells it."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?{urlencode({'virtual_host': number})}"


def build_mail_settings(url: str, *, is_production: bool) -> dict[str, Any]:
    """Return Django's settings for EMAIL_URL; with one, emails are queued for a worker.

    Without one, development prints emails. Production does not, because they contain keys.
    """
    if not url:
        backend = "common.mail.DisabledEmailBackend" if is_production else CONSOLE_BACKEND
        return {"EMAIL_BACKEND": backend, "EMAIL_TRANSPORT": backend}
    parts = split_url("EMAIL_URL", url)
    if (
        parts.scheme not in MAIL_SCHEMES
        or not parts.hostname
        or parts.path.strip("/")
        or parts.query
    ):
        raise ImproperlyConfigured(
            "EMAIL_URL must be smtps://user:password@host:465,"
            " smtp+tls://user:password@host:587 or smtp://host:25."
        )
    encryption, port = MAIL_SCHEMES[parts.scheme]
    return {
        "EMAIL_BACKEND": "common.mail.QueuedEmailBackend",
        "EMAIL_TRANSPORT": SMTP_BACKEND,
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_TIMEOUT": MAIL_TIMEOUT_SECONDS,
        **encryption,
    }


def build_media_storage(url: str) -> Any:
    """Return Django's storage for `s3://key:secret@host/bucket?region=…&public=…` or files."""
    if not url:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"allow_overwrite": True},
        }
    from botocore.config import Config

    parts = split_url("MEDIA_STORAGE_URL", url)
    if parts.scheme not in ("s3", "s3+http"):
        raise ImproperlyConfigured("MEDIA_STORAGE_URL must begin with s3://")
    bucket = parts.path.strip("/")
    if not parts.hostname or not bucket:
        raise ImproperlyConfigured(
            "MEDIA_STORAGE_URL must name a host and a bucket, as in s3://key:secret@host/bucket"
        )
    query = dict(parse_qsl(parts.query))
    scheme = "http" if parts.scheme == "s3+http" else "https"
    endpoint = f"{scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "access_key": unquote(parts.username or ""),
            "secret_key": unquote(parts.password or ""),
            "endpoint_url": endpoint,
            "bucket_name": bucket,
            "region_name": query.get("region"),
            "custom_domain": query.get("public"),
            "querystring_auth": False,
            "default_acl": query.get("acl"),
            # The same header as for files that this site serves itself.
            "object_parameters": {"CacheControl": "public, max-age=300, must-revalidate"},
            "client_config": Config(
                connect_timeout=5, read_timeout=20, retries={"max_attempts": 2}
            ),
        },
    }


def get_media_origins(url: str) -> list[str]:
    """Return the origin of images in a bucket, for the Content-Security-Policy."""
    if not url:
        return []
    parts = urlsplit(url)
    public = dict(parse_qsl(parts.query)).get("public")
    return [f"https://{public or parts.hostname}"]
