"""Where this checkout keeps its data, and how its sockets keep short names."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO

from config.embedded.errors import ServiceUnavailableError

_ROOT = Path(__file__).resolve().parents[2]
KEEP_LOG = 10_000_000  # bytes
MAX_SOCKET_PATH = 100  # bytes; sun_path holds 104 on macOS and 108 on Linux, with the closing zero


def var() -> Path:
    """Return the folder of everything that a running site writes; COMMONPLACE_VAR may name another one."""
    return Path(os.environ.get("COMMONPLACE_VAR") or _ROOT / "var").absolute()


def make(*folders: Path) -> None:
    """Make folders that can be written to, or say which one cannot."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise ServiceUnavailableError(
                f"The folder {folder} cannot be written to ({error.strerror})."
            ) from error


def require_space(folder: Path, megabytes: int) -> None:
    """Refuse to go on when a disk is nearly full: a database must never find out by itself."""
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < megabytes:
        raise ServiceUnavailableError(
            f"The disk of {folder} is almost full: {free} MB are free and {megabytes} MB are needed."
        )


def open_log(path: Path) -> BinaryIO:
    """Open a log to append to, after putting a long one aside."""
    if path.exists() and path.stat().st_size > KEEP_LOG:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")


def socket_folder(wanted: Path, name: str) -> Path:
    """Return `wanted`, or a short private folder when a socket called `name` would not fit in there."""
    if len(os.fsencode(wanted / name)) <= MAX_SOCKET_PATH:
        return wanted
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
    return _private(Path(tempfile.gettempdir()) / f"commonplace-{os.geteuid()}-{digest}")


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    # Anyone may make folders in the temporary directory: trust only a real one that no one else can write to.
    trusted = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o022
    if not trusted or (os.geteuid() != 0 and found.st_uid != os.geteuid()):
        raise ServiceUnavailableError(
            f"The folder {folder} belongs to somebody else; remove it and try again."
        )
    return folder
