"""Bring the database and the static files to where the code expects them; print the demo logins.

One process for all of it: Django starts once.
"""

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import django
from django.core.management import call_command


def main() -> None:
    """Migrate, make what every site needs and a first demo world, and collect static files."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    began = time.monotonic()
    call_command("migrate", interactive=False, verbosity=0)
    _tell("database migrated", began)
    call_command("prepare_site", stdout=sys.stderr)
    began = time.monotonic()
    call_command("demo_world", stdout=sys.stderr)
    _tell("demo world there", began)
    began = time.monotonic()
    if collect_static_files():
        _tell("static files collected", began)
    call_command("demo_world", show=True)


def collect_static_files() -> bool:
    """Collect static files unless none has changed since the last time; return whether that was done."""
    from django.conf import settings

    stamp = Path(settings.STATIC_ROOT).with_suffix(".collected")
    found = hashlib.sha256("\n".join(sorted(_static_files())).encode()).hexdigest()
    if Path(settings.STATIC_ROOT).exists() and stamp.exists() and stamp.read_text() == found:
        return False
    stamp.unlink(missing_ok=True)
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(found)
    return True


def _static_files() -> Iterator[str]:
    from django.contrib.staticfiles.finders import get_finders

    for finder in get_finders():
        for path, storage in finder.list([]):
            yield f"{path} {storage.size(path)} {storage.get_modified_time(path).timestamp()}"


def _tell(what: str, began: float) -> None:
    print(f"  {what} in {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
