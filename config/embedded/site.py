"""Bring the database and the static files to where the code expects them; print the demo logins.

One process for all of it: Django starts once.
"""

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import OperationalError

# The role that the supervisor's processes will have in the database; none where the server is somebody else's.
ROLE_WANTED = "COMMONPLACE_SITE_ROLE"


def main() -> None:
    """Prepare the site, or end with one sentence where the cause is known."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import config.celery  # noqa: F401  tasks are sent through this app

    try:
        django.setup()
        _prepare()
    except OperationalError as error:
        sys.exit(f"The database cannot be used: {str(error).splitlines()[0]}.")
    except (ImproperlyConfigured, CommandError) as error:
        sys.exit(str(error))


def _prepare() -> None:
    """Migrate, make what every site needs and a first demo world, and collect static files."""
    with _timed("database migrated"):
        call_command("migrate", interactive=False, verbosity=0)
    if role := os.environ.get(ROLE_WANTED):
        call_command("grant_site_role", role)
    call_command("prepare_site", stdout=sys.stderr)
    with _timed("demo world there"):
        call_command("demo_world", stdout=sys.stderr)
    if static_files_changed():
        with _timed("static files collected"):
            collect_static_files()
    call_command("demo_world", show=True)


def static_files_changed() -> bool:
    """Tell whether static files must be collected, for the first time or anew."""
    stamp = _stamp()
    return (
        not stamp.exists()
        or stamp.read_text() != _fingerprint()
        or not Path(settings.STATIC_ROOT).exists()
    )


def collect_static_files() -> None:
    """Collect static files and note from what they were made."""
    _stamp().unlink(missing_ok=True)
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    fingerprint = _fingerprint()
    call_command("collectstatic", interactive=False, verbosity=0)
    _stamp().write_text(fingerprint)


def _stamp() -> Path:
    return Path(settings.STATIC_ROOT).with_suffix(".collected")


def _fingerprint() -> str:
    storage = type(storages["staticfiles"]).__qualname__
    return hashlib.sha256("\n".join([storage, *sorted(_static_files())]).encode()).hexdigest()


def _static_files() -> Iterator[str]:
    from django.contrib.staticfiles.finders import get_finders

    for finder in get_finders():
        for path, storage in finder.list([]):
            yield f"{path} {storage.size(path)} {storage.get_modified_time(path).timestamp()}"


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"  {what} in {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
