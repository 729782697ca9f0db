"""Keys that a development site makes for itself, once."""

import base64
import json
import os
import secrets
import tempfile
from pathlib import Path

from config.embedded import folders


def development_secrets() -> dict[str, str]:
    """Return this checkout's SECRET_KEY and SIGNING_KEY (base64 of an Ed25519 seed), made at the first call."""
    path = folders.var() / "secrets.json"
    if not path.exists():
        folders.make(path.parent)
        _write_once(path, {"SECRET_KEY": secrets.token_urlsafe(64), "SIGNING_KEY": _seed()})
    keys: dict[str, str] = json.loads(path.read_text())
    return keys


def _seed() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _write_once(path: Path, keys: dict[str, str]) -> None:
    # A link fails where a rename would replace: of two first processes both must end with the same keys.
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
