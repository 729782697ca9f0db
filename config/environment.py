"""All environment variables in one typed table, parsed by environs.

`docs/settings.md` is generated from it by `config.settings_reference`. A missing or wrong value
raises ImproperlyConfigured with one sentence that names the variable.
"""

import base64
import binascii
import os
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvValidationError, ValidationError, validate

from config.service_urls import HOST, split_url

_T = TypeVar("_T")
BASE_DIR = Path(__file__).resolve().parent.parent
REQUIRED: Final[Any] = object()
_SAME: Final[Any] = object()
# The same limits as Django's check security.W009.
MIN_SECRET_KEY_LENGTH, MIN_SECRET_KEY_CHARACTERS = 50, 5
_env = Env()


class Variable(Generic[_T]):
    """An environment variable: a descriptor that parses its value on each access.

    An empty value counts as unset, because compose files pass variables on that way.
    """

    name: str

    def __init__(
        self,
        parse: Callable[[str], _T],
        kind: str,
        help_text: str,
        *,
        default: _T = REQUIRED,
        development: _T = _SAME,
        is_secret: bool = False,
        error: str = "",
    ) -> None:
        self.parse, self.kind, self.help_text = parse, kind, help_text
        self.default, self.is_secret, self.error = default, is_secret, error
        self.development = default if development is _SAME else development

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type | None = None) -> _T:
        value = os.environ.get(self.name, "")
        if not value:
            return self._get_default()
        try:
            return self.parse(self.name)
        except EnvValidationError as error:
            reason = self.error or str(next(iter(error.error_messages)))
            subject = self.name if self.is_secret else f"{self.name} is {value!r};"
            raise ImproperlyConfigured(f"{subject} {reason}") from error

    def _get_default(self) -> _T:
        is_development = os.environ.get("ENVIRONMENT") == "development"
        default = self.development if is_development else self.default
        if default is REQUIRED:
            raise ImproperlyConfigured(f"Set {self.name} in the environment: {self.help_text}")
        return default


def _string(help_text: str, *, kind: str = "text", **options: Any) -> Variable[str]:
    return Variable(lambda name: _env.str(name), kind, help_text, **options)


def _choice(choices: tuple[str, ...], help_text: str, **options: Any) -> Variable[str]:
    one_of = validate.OneOf(choices, error=f"set it to {' or '.join(choices)}.")
    kind = " or ".join(f"`{name}`" for name in choices)
    return Variable(lambda name: _env.str(name, validate=one_of), kind, help_text, **options)


def _switch(help_text: str, **options: Any) -> Variable[bool]:
    one_of = validate.OneOf(("0", "1"), error="set it to 0 or 1.")
    return Variable(
        lambda name: _env.str(name, validate=one_of) == "1", "`0` or `1`", help_text, **options
    )


def _integer(
    help_text: str, *, unit: str = "number", minimum: int = 0, **options: Any
) -> Variable[int]:
    error = f"it must be a whole number, {minimum} or more."
    at_least = validate.Range(min=minimum)
    return Variable(
        lambda name: _env.int(name, validate=at_least), unit, help_text, error=error, **options
    )


def _seconds(help_text: str, **options: Any) -> Variable[float]:
    """Return a pause above 0, because a pause of 0 would keep beat busy."""
    error = "it must be a number of seconds above 0."
    positive = validate.Range(min=0, min_inclusive=False)
    return Variable(
        lambda name: _env.float(name, validate=positive),
        "seconds",
        help_text,
        error=error,
        **options,
    )


def _path(help_text: str, **options: Any) -> Variable[Path]:
    return Variable(lambda name: _env.path(name), "folder", help_text, **options)


def _url(help_text: str, **options: Any) -> Variable[str]:
    """Return a URL that may contain a password; `config.service_urls` parses it."""
    return _string(help_text, kind="URL", is_secret=True, **options)


@_env.parser_for("secret_key")
def parse_secret_key(value: str) -> str:
    """Refuse a key that is easy to guess, in production."""
    is_weak = (
        len(value) < MIN_SECRET_KEY_LENGTH
        or len(set(value)) < MIN_SECRET_KEY_CHARACTERS
        or value.startswith("django-insecure-")
    )
    if is_weak and os.environ.get("ENVIRONMENT") == "production":
        raise ValidationError(
            f"is too easy to guess: use {MIN_SECRET_KEY_LENGTH} random characters or more."
        )
    return value


@_env.parser_for("signing_key")
def parse_signing_key(value: str) -> str:
    try:
        seed = base64.b64decode(value.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        seed = b""
    if len(seed) != 32:
        raise ValidationError("must be the base64 of 32 bytes.")
    return value


@_env.parser_for("hosts")
def parse_hosts(value: str) -> list[str]:
    """Return host names; `*`, which would allow all, is refused."""
    hosts = split_list(value)
    for host in hosts:
        if not HOST.fullmatch(host):
            raise ValidationError(
                f"{host!r} must be a host name, without scheme and port, and no * for all."
            )
    return hosts


@_env.parser_for("origin")
def parse_origin(value: str) -> str:
    """Return a scheme and a host such as https://example.org, without a trailing slash."""
    origin = value.rstrip("/")
    try:
        parts = split_url("it", origin)
    except ImproperlyConfigured as error:
        raise ValidationError(str(error)) from error
    is_origin = parts.scheme in ("http", "https") and origin == f"{parts.scheme}://{parts.netloc}"
    if not is_origin or "@" in origin:
        raise ValidationError("it must be a scheme and a host, as in https://example.org.")
    host = parts.hostname or ""
    if not HOST.fullmatch((f"[{host}]" if ":" in host else host).removeprefix("*.")):
        raise ValidationError("its host is not a host name.")
    return origin


@_env.parser_for("origins")
def parse_origins(value: str) -> list[str]:
    return [parse_origin(origin) for origin in split_list(value)]


@_env.parser_for("sender")
def parse_sender(value: str) -> str:
    if "@" not in parseaddr(value)[1] or "\n" in value or "\r" in value:
        raise ValidationError("it must be an address, as in Name <name@example.org>.")
    return value


def split_list(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def _custom(parser: str, kind: str, help_text: str, **options: Any) -> Variable[Any]:
    """Return a variable of one of the parsers above."""
    return Variable(lambda name: getattr(_env, parser)(name), kind, help_text, **options)


class Section(str):
    """A heading of the settings reference."""


class Environment:
    """Every environment variable that the site, its commands or its compose file read."""

    _site = Section("Site")
    ENVIRONMENT = _choice(
        ("development", "production"),
        "production, or development for a checkout, where `make run` starts the site"
        " and `make manage ARGS=shell` runs a management command.",
        default=REQUIRED,
    )
    SITE_URL = _custom(
        "origin",
        "URL",
        "the address that users type such as https://example.org; the transparency log is"
        " signed under this name for good.",
        development="http://127.0.0.1:8000",
    )
    ALLOWED_HOSTS = _custom(
        "hosts",
        "host names, separated by commas",
        "the host names of this site.",
        development=["localhost", "127.0.0.1", "[::1]"],
    )
    CSRF_TRUSTED_ORIGINS = _custom(
        "origins",
        "URLs, separated by commas",
        "further origins from which forms are accepted, if a proxy changes the host.",
        default=[],
    )
    TRUSTED_PROXIES = _integer(
        "Number of proxies in front of the site. The client's address is that many entries from"
        " the right of `X-Forwarded-For`.",
        default=0,
    )

    _keys = Section("Keys")
    SECRET_KEY = _custom(
        "secret_key",
        "text",
        "a long random text, the same for all processes; it signs sessions.",
        is_secret=True,
    )
    SIGNING_KEY = _custom(
        "signing_key",
        "base64",
        "the base64 of a 32-byte Ed25519 seed; it signs manifests, receipts and the consent log.",
        is_secret=True,
    )

    _databases = Section("PostgreSQL and Redis")
    DATABASE_URL = _url("the URL of PostgreSQL, postgresql://user:password@host:port/name.")
    DATABASE_POOL_SIZE = _integer(
        "Connections of each process. 0 opens one per thread; the compose file sets 8 for web"
        " processes.",
        unit="connections",
        default=0,
    )
    DATABASE_STATEMENT_SECONDS = _integer(
        "Timeout of a statement, 0 for none. gunicorn's configuration sets 30 for requests; tasks"
        " have time limits of their own.",
        unit="seconds",
        default=0,
    )
    APP_DATABASE_PASSWORD = _string(
        "Password of the database role that `manage.py grant_site_role` creates.",
        is_secret=True,
        default="",
    )
    REDIS_URL = _url("the URL of the Redis-protocol server, redis://host:6379/0.")

    _email = Section("Email")
    EMAIL_URL = _url(
        "Mail server: `smtps://user:password@host:465` (TLS), `smtp+tls://…:587` (STARTTLS) or"
        " `smtp://…:25`. Without it addresses are not verified; development prints emails, and"
        " production sends none.",
        default="",
    )
    DEFAULT_FROM_EMAIL = _custom(
        "sender",
        "address",
        "Sender of emails.",
        default="Commonplace <noreply@localhost>",
    )

    _files = Section("Files")
    STATIC_ROOT = _path("Folder of collected static files.", default=BASE_DIR / "var" / "static")
    MEDIA_ROOT = _path(
        "Folder of uploaded images, shared by all web and worker processes.",
        default=BASE_DIR / "var" / "media",
    )
    MEDIA_STORAGE_URL = _url(
        "A bucket for images instead of MEDIA_ROOT:"
        " `s3://key:secret@host/bucket?region=…&public=images.example.org`.",
        default="",
    )
    MIN_FREE_DISK_BYTES = _integer(
        "`/readyz` answers 503 when the disk of MEDIA_ROOT has less free space.",
        unit="bytes",
        default=200_000_000,
    )
    MEDIA_SWEEP_SECONDS = _seconds(
        "How often images and link previews that no worker has are queued again, and orphaned"
        " files are deleted.",
        default=30,
    )

    _background = Section("Builds, erasure and outbox")
    BUILD_TASK_POSTS = _integer(
        "Posts in one task of a build. A killed worker loses some seconds of work.",
        unit="posts",
        minimum=1,
        default=10_000,
    )
    BUILD_SWEEP_SECONDS = _seconds("How often lost build tasks are looked for.", default=5)
    BUILD_REQUEUE_AFTER_SECONDS = _integer(
        "A build task that no worker started after so long is queued again.",
        unit="seconds",
        minimum=1,
        default=30,
    )
    ERASURE_SWEEP_SECONDS = _seconds(
        "How often revoked rows are erased from the files of snapshots.", default=10
    )
    ERASURE_VACUUM_SECONDS = _seconds(
        "Shortest pause between two rewrites of tables, which remove erased bytes from the disk.",
        default=60,
    )
    ERASURE_VACUUM_FULL_MAX_BYTES = _integer(
        "Larger tables are not rewritten, because downloads wait meanwhile; PostgreSQL reuses"
        " their free space in time.",
        unit="bytes",
        default=1 << 30,
    )
    SUSPENSION_FINAL_AFTER_DAYS = _integer(
        "Rows of a suspended or closed account are erased for good after so long; until then they"
        " return if the suspension is lifted.",
        unit="days",
        default=30,
    )
    OUTBOX_SWEEP_SECONDS = _seconds(
        "How often outbox events without a message are looked for, such as posts that are not in"
        " timelines yet.",
        default=3,
    )

    _rate_limits = Section("Rate limits")
    ANONYMOUS_PAGES_PER_MINUTE = _integer(
        "Pages that one address may read without logging in.", unit="requests", default=300
    )
    ANONYMOUS_API_READS_PER_MINUTE = _integer(
        "API requests that one address may make without a token.", unit="requests", default=120
    )
    ACCOUNT_API_READS_PER_MINUTE = _integer(
        "API requests that all programs of one account may make.", unit="requests", default=300
    )

    _https = Section("HTTPS")
    SECURE_SSL_REDIRECT = _switch(
        "Redirect http to https. 0 only to try the site without TLS.", default=True
    )
    HSTS_SECONDS = _integer(
        "How long browsers insist on TLS. Raise it in steps, up to a year (31536000).",
        unit="seconds",
        default=3600,
    )
    HSTS_INCLUDE_SUBDOMAINS = _switch(
        "Whether that also applies to all names below this one.", default=False
    )
    HSTS_PRELOAD = _switch(
        "Whether browsers may ship the site in their preload list, which is hard to leave.",
        default=False,
    )

    _logs = Section("Logs")
    LOG_FORMAT = _choice(
        ("json", "console"), "Format of log lines.", default="json", development="console"
    )
    LOG_LEVEL = _choice(
        ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        "Lowest level that is logged. The `security` logger always logs from INFO.",
        default="INFO",
    )

    _processes = Section("Processes")
    PORT = _integer("Port of the web server.", minimum=1, default=8000)
    WEB_CONCURRENCY = _integer("gunicorn processes.", unit="processes", minimum=1, default=2)
    WEB_THREADS = _integer(
        "Threads of each gunicorn process.", unit="threads", minimum=1, default=8
    )
    COMMONPLACE_VAR = _path("Data folder of `make run` and `make test`.", default=BASE_DIR / "var")


@dataclass(frozen=True)
class ComposeVariable:
    """A variable that only `docker-compose.yml` reads."""

    name: str
    default: str
    help_text: str


COMPOSE_VARIABLES = (
    ComposeVariable("POSTGRES_PASSWORD", "", "Password of the owner of the tables."),
    ComposeVariable("VALKEY_PASSWORD", "", "Password of Valkey."),
    ComposeVariable("PUBLISH", "127.0.0.1:8000", "Address of the web service on this machine."),
    ComposeVariable("CELERY_CONCURRENCY", "2", "Processes of the worker `people`."),
    ComposeVariable("MEDIA_CONCURRENCY", "2", "Processes of the worker `media`."),
    ComposeVariable("BUILD_CONCURRENCY", "2", "Processes of the worker `builds`."),
    ComposeVariable("WEB_CPUS", "2", "CPUs of each service of the site."),
    ComposeVariable("WEB_MEMORY", "1g", "Memory of each service of the site."),
    ComposeVariable(
        "MEDIA_MEMORY", "4g", "Memory of the worker `media`; an image may need 1.5 GB."
    ),
    ComposeVariable("BUILD_MEMORY", "2g", "Memory of the worker `builds`."),
    ComposeVariable("POSTGRES_MEMORY", "2g", "Memory of PostgreSQL."),
    ComposeVariable("VALKEY_MEMORY", "1g", "Memory of Valkey."),
)


def list_sections() -> dict[str, list[Variable[Any]]]:
    """Return the variables of the table by section."""
    sections: dict[str, list[Variable[Any]]] = {}
    for value in vars(Environment).values():
        if isinstance(value, Section):
            sections[value] = []
        elif isinstance(value, Variable):
            list(sections.values())[-1].append(value)
    return sections
