"""Keys of a development site."""

import base64
import json
import os
import secrets
import tempfile
from pathlib import Path

from devservices import paths

SECRET_NAMES = ("SECRET_KEY", "SIGNING_KEY")


def get_or_create_secrets() -> dict[str, str]:
    """Return the SECRET_KEY and SIGNING_KEY of this checkout, created once."""
    path = paths.get_data_dir() / "secrets.json"
    if not path.exists():
        paths.ensure_dirs(path.parent)
        _write_once(path, {"SECRET_KEY": secrets.token_urlsafe(64), "SIGNING_KEY": _build_seed()})
    keys: dict[str, str] = json.loads(path.read_text())
    return keys


def _build_seed() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _write_once(path: Path, keys: dict[str, str]) -> None:
    # A hard link fails where a rename would replace: two first processes end with the same keys.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(keys, file)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
