"""URLs of the services, as their clients spell them."""

from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

DATABASE_OWNER = "postgres"
# The role of a running site, which owns no table.
SITE_ROLE = "commonplace_app"


def build_postgres_url(sockets: Path, database: str, role: str = DATABASE_OWNER) -> str:
    """Return the libpq URL of a server that listens on a Unix socket in a folder."""
    return f"postgresql://{role}@/{database}?host={quote(str(sockets), safe='')}"


def build_redis_url(socket: Path, number: int = 0) -> str:
    """Return the redis-py URL of a database behind a Unix socket."""
    return f"unix://{quote(str(socket))}?db={number}"


def replace_redis_database(url: str, number: int) -> str:
    """Return a redis-py URL with another database number."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?{urlencode({'db': number})}"
    return urlunsplit(parts._replace(path=f"/{number}"))
