"""Read settings from environment variables, or refuse to start with one sentence that says what is wrong."""

import base64
import binascii
import math
import os
import re
import sys
from email.utils import parseaddr
from typing import Any
from urllib.parse import SplitResult, parse_qs, parse_qsl, unquote, urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured

# As Django's check security.W009 has it.
MIN_SECRET_LENGTH, MIN_SECRET_SIGNS = 50, 5
HOST = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)
# By scheme: Django's settings for it, and the port where none is named.
MAIL_SCHEMES: dict[str, tuple[dict[str, bool], int]] = {
    "smtp": ({}, 25),
    "smtp+tls": ({"EMAIL_USE_TLS": True}, 587),  # STARTTLS
    "smtps": ({"EMAIL_USE_SSL": True}, 465),  # TLS from the first byte
}
SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
CONSOLE_BACKEND = "django.core.mail.backends.console.EmailBackend"
MAIL_SECONDS = 10


def required(name: str, what: str) -> str:
    """Return an environment variable, or refuse to start and say what belongs there."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set {name} in the environment: {what}.")
    return value


def listed(name: str, default: str = "") -> list[str]:
    """Return a comma-separated environment variable as a list."""
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def one_of(name: str, choices: tuple[str, ...], default: str) -> str:
    value = os.environ.get(name) or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to {' or '.join(choices)}.")
    return value


def is_on(name: str, default: str) -> bool:
    return one_of(name, ("0", "1"), default) == "1"


def whole_number(name: str, default: int, *, minimum: int = 0) -> int:
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdecimal()) or int(text) < minimum:
        raise ImproperlyConfigured(
            f"{name} is {text!r}; it must be a whole number, {minimum} or more."
        )
    return int(text)


def seconds(name: str, default: float) -> float:
    """Return a pause in seconds; none at all would keep beat busy with nothing else."""
    text = os.environ.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise ImproperlyConfigured(f"{name} is {text!r}; it must be a number of seconds above 0.")
    return value


def require_strong_secret(value: str) -> None:
    if (
        len(value) < MIN_SECRET_LENGTH
        or len(set(value)) < MIN_SECRET_SIGNS
        or value.startswith("django-insecure-")
    ):
        raise ImproperlyConfigured(
            f"SECRET_KEY is too easy to guess: it must be random, with {MIN_SECRET_LENGTH} signs or more."
        )


def require_signing_key(value: str) -> None:
    try:
        seed = base64.b64decode(value.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        seed = b""
    if len(seed) != 32:
        raise ImproperlyConfigured("SIGNING_KEY must be the base64 of 32 bytes.")


def require_origin(name: str, value: str) -> str:
    """Return an address such as https://example.org, without the slash at its end."""
    url = value.rstrip("/")
    parts = split_url(name, url)
    if (
        parts.scheme not in ("http", "https")
        or url != f"{parts.scheme}://{parts.netloc}"
        or "@" in url
    ):
        raise ImproperlyConfigured(
            f"{name} is {value!r}; it must be a scheme and a host, as in https://example.org."
        )
    if not HOST.fullmatch(host_in_brackets(parts).removeprefix("*.")):
        raise ImproperlyConfigured(f"{name} is {value!r}; its host is none.")
    return url


def require_hosts(hosts: list[str]) -> None:
    if not hosts:
        raise ImproperlyConfigured(
            "Set ALLOWED_HOSTS in the environment: the host names of this site."
        )
    for host in hosts:
        if not HOST.fullmatch(host):
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS has {host!r}; it must be host names, without scheme and port, and no * for all."
            )


def host_in_brackets(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host


def split_url(name: str, url: str) -> SplitResult:
    """Return the parts of a URL, whose values are never repeated: they may hold a password."""
    try:
        parts = urlsplit(url)
        assert parts.port is None or parts.port > 0
    except (ValueError, AssertionError) as error:
        raise ImproperlyConfigured(f"{name} is no URL: its host or port cannot be read.") from error
    if any(sign.isspace() for sign in url):
        raise ImproperlyConfigured(f"{name} is no URL: there is a space in it.")
    return parts


def database(url: str, *, pool_size: int, statement_seconds: float) -> dict[str, object]:
    """Return Django's settings for a `postgresql://` URL; a socket folder may be its host or `?host=`."""
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
    # A machine that loses its power says no goodbye: after a minute each side lets go of what the other held.
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
        # With a threshold psycopg prepares what `common.compiled_queries` asks it to; with this one, nothing else.
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


def redis_url(url: str) -> str:
    """Return a URL that both redis-py and Celery understand."""
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


def mail(url: str, *, is_production: bool) -> dict[str, Any]:
    """Return Django's settings for EMAIL_URL.

    With one, mails are queued for a worker. Without, development shows them and production sends none: they hold keys.
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
            "EMAIL_URL must be smtps://user:password@host:465, smtp+tls://user:password@host:587 or smtp://host:25."
        )
    encryption, port = MAIL_SCHEMES[parts.scheme]
    return {
        "EMAIL_BACKEND": "common.mail.QueuedEmailBackend",
        "EMAIL_TRANSPORT": SMTP_BACKEND,
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_TIMEOUT": MAIL_SECONDS,
        **encryption,
    }


def sender(name: str, default: str) -> str:
    """Return the sender of mail, such as `Commonplace <noreply@example.org>`."""
    value = os.environ.get(name) or default
    if "@" not in parseaddr(value)[1] or "\n" in value or "\r" in value:
        raise ImproperlyConfigured(
            f"{name} is {value!r}; it must be an address, as in Name <name@example.org>."
        )
    return value


def media_storage(url: str) -> Any:
    """Return Django's storage for `s3://key:secret@endpoint/bucket?region=…&public=cdn.example.org`, or for files."""
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
            # As `common.images.views` says it of files that this site serves.
            "object_parameters": {"CacheControl": "public, max-age=300, must-revalidate"},
            "client_config": Config(
                connect_timeout=5, read_timeout=20, retries={"max_attempts": 2}
            ),
        },
    }


def media_origin(url: str) -> list[str]:
    """Return from where browsers fetch pictures, when that is not this site."""
    if not url:
        return []
    parts = urlsplit(url)
    public = dict(parse_qsl(parts.query)).get("public")
    return [f"https://{public or parts.hostname}"]
