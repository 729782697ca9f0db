"""Migrate the database, load the demo data, collect static files; print the demo logins.

One process does all of it, because Django takes a second to start.
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

# The database role of the site's processes; unset if the database is not one of our own.
SITE_ROLE_VARIABLE = "COMMONPLACE_SITE_ROLE"


def main() -> None:
    """Set the site up; a known problem is one line on stderr."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import config.celery  # noqa: F401  the app that sends tasks

    try:
        django.setup()
        setup_site()
    except OperationalError as error:
        sys.exit(f"The database cannot be used: {str(error).splitlines()[0]}.")
    except (ImproperlyConfigured, CommandError) as error:
        sys.exit(str(error))


def setup_site() -> None:
    """Create what every site needs, and the demo data."""
    with _timed("database migrated"):
        call_command("migrate", interactive=False, verbosity=0)
    if role := os.environ.get(SITE_ROLE_VARIABLE):
        call_command("grant_site_role", role)
    call_command("prepare_site", stdout=sys.stderr)
    with _timed("demo data loaded"):
        call_command("demo_world", stdout=sys.stderr)
    if have_static_files_changed():
        with _timed("static files collected"):
            collect_static_files()
    call_command("demo_world", show=True)


def have_static_files_changed() -> bool:
    """Return whether static files must be collected, for the first time or again."""
    stamp = _get_stamp_path()
    return (
        not stamp.exists()
        or stamp.read_text() != _compute_fingerprint()
        or not Path(settings.STATIC_ROOT).exists()
    )


def collect_static_files() -> None:
    """Collect static files and store the fingerprint of their sources."""
    _get_stamp_path().unlink(missing_ok=True)
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    fingerprint = _compute_fingerprint()
    call_command("collectstatic", interactive=False, verbosity=0)
    _get_stamp_path().write_text(fingerprint)


def _get_stamp_path() -> Path:
    return Path(settings.STATIC_ROOT).with_suffix(".collected")


def _compute_fingerprint() -> str:
    storage = type(storages["staticfiles"]).__qualname__
    return hashlib.sha256("\n".join([storage, *sorted(_list_static_files())]).encode()).hexdigest()


def _list_static_files() -> Iterator[str]:
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
