"""The addresses of the servers, in the spellings that their clients want."""

from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit, urlunsplit

DATABASE_OWNER = "postgres"
# As whom a running site uses its own server: it owns no table.
SITE_ROLE = "commonplace_app"


def postgres_url(sockets: Path, database: str, role: str = DATABASE_OWNER) -> str:
    """Return a libpq URL for a server that listens on a Unix socket in a folder."""
    return f"postgresql://{role}@/{database}?host={quote(str(sockets), safe='')}"


def parse_redis_url(socket: Path, number: int = 0) -> str:
    """Return the redis-py URL of a Unix socket and one of its databases."""
    return f"unix://{quote(str(socket))}?db={number}"


def celery_broker_url(url: str) -> str:
    """Return the URL by which Celery's transport knows the server of a redis-py URL."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?{urlencode({'virtual_host': number})}"


def with_database(url: str, number: int) -> str:
    """Return a redis-py URL with another database's number."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?{urlencode({'db': number})}"
    return urlunsplit(parts._replace(path=f"/{number}"))
