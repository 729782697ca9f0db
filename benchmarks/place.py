"""Where a benchmark runs: servers and data of its own, thrown away afterwards.

They are as durable as those of `make run`: a database without fsync would tell nothing about a real one.
"""

import base64
import importlib
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.figures import Figure
from devservices import paths
from devservices.environment import build_services
from devservices.service import acquire

OURS_ALONE = (
    "PORT",
    "DATABASE_POOL_SIZE",
    "SITE_URL",
    "EMAIL_URL",
    "WEB_CONCURRENCY",
)


def measure(key: str) -> list[Figure]:
    """Run one benchmark, the module of that name."""
    with throw_away_place() as folder:
        prepare_site()
        return list(importlib.import_module(f"benchmarks.{key}").measure(folder))


@contextmanager
def throw_away_place() -> Iterator[Path]:
    """Point the environment at new servers in a temporary folder."""
    with ExitStack() as stack:
        base = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="commonplace-bench-")))
        paths.ensure_dirs(base / "run", base / "log")
        for name in OURS_ALONE:
            os.environ.pop(name, None)
        os.environ |= {
            "ENVIRONMENT": "development",
            "LOG_LEVEL": "WARNING",
            "COMMONPLACE_VAR": str(base),
            "STATIC_ROOT": str(base / "static"),
            "SECRET_KEY": secrets.token_urlsafe(64),
            "SIGNING_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        for name, server in build_services(base).items():
            stack.callback(acquire(server).release)
            os.environ[name] = server.url
        yield base


def prepare_site() -> None:
    """Make what a new site has, without a demo world."""
    import django
    from django.core.management import call_command

    with timed("an empty site"):
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("prepare_site", stdout=sys.stderr)
        call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say on stderr how long something took."""
    began = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - began:.1f} s")


def say(what: str) -> None:
    """Say something beside the figures, which alone go to stdout."""
    print(f"  {what}", file=sys.stderr, flush=True)
