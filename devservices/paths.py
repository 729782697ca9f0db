"""Data folders, logs and socket folders of a checkout."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO

from devservices.errors import ServiceUnavailableError

_ROOT = Path(__file__).resolve().parent.parent
MAX_LOG_BYTES = 10_000_000
# sun_path holds 104 bytes on macOS and 108 on Linux, with the closing zero.
MAX_SOCKET_PATH = 100


def get_data_dir() -> Path:
    """Return the folder of all data, `var/` in the checkout or COMMONPLACE_VAR."""
    return Path(os.environ.get("COMMONPLACE_VAR") or _ROOT / "var").absolute()


def ensure_dirs(*folders: Path) -> None:
    """Create folders and check that they are writable."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise ServiceUnavailableError(
                f"The folder {folder} cannot be written to ({error.strerror})."
            ) from error


def require_free_space(folder: Path, megabytes: int) -> None:
    """Raise when a disk is nearly full, before a database finds out."""
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < megabytes:
        raise ServiceUnavailableError(
            f"The disk of {folder} is almost full:"
            f" {free} MB are free and {megabytes} MB are needed."
        )


def open_log(path: Path) -> BinaryIO:
    """Open a log for appending; one of more than 10 MB is rotated first."""
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")


def get_socket_dir(preferred: Path, name: str) -> Path:
    """Return `preferred`, or a short private folder if the socket's path would be too long."""
    if len(os.fsencode(preferred / name)) <= MAX_SOCKET_PATH:
        return preferred
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
    return _ensure_private_dir(Path(tempfile.gettempdir()) / f"commonplace-{os.geteuid()}-{digest}")


def _ensure_private_dir(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    # Anyone may create folders in the temporary directory: trust only a real folder that nobody
    # else can write to.
    trusted = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o022
    if not trusted or (os.geteuid() != 0 and found.st_uid != os.geteuid()):
        raise ServiceUnavailableError(
            f"The folder {folder} belongs to another user; remove it and try again."
        )
    return folder
