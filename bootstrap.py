"""Create and update the Python environment in .venv, with the standard library only.

Usage: python3 bootstrap.py run | test | browser
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).resolve().parent
VENV = _ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "commonplace.json"
# The requirements file of each purpose: the site with its development services, and all that the
# tests need as well. An installation for "test" serves "run", too: the pins are the same.
REQUIREMENTS = {"run": "dev.txt", "test": "test.txt"}
COVERED_PURPOSES = {"run": ["run"], "test": ["run", "test"]}
# Megabytes that must be free for the first and for later installations.
FIRST_INSTALL, LATER = 1500, 200
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


class BootstrapError(Exception):
    """The environment cannot be created; the message is one sentence."""


def main() -> None:
    """Update the environment for a purpose; a failure is one line on stderr and exit code 1."""
    purpose = sys.argv[1] if len(sys.argv) == 2 else ""
    os.umask(0o022)  # a system user must be able to read the programs of PostgreSQL
    try:
        if purpose == "browser":
            ensure_browser()
        elif purpose in REQUIREMENTS:
            require_python()
            ensure_environment(purpose)
        else:
            raise BootstrapError("Usage: python3 bootstrap.py run | test | browser")
    except BootstrapError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"The environment could not be created: {error}.")
    except KeyboardInterrupt:
        sys.exit("Interrupted; the next run starts the installation again.")


def require_python() -> None:
    """Raise BootstrapError for a Python that is too old."""
    if sys.version_info < (3, 11):  # noqa: UP036
        found = "{}.{}".format(*sys.version_info[:2])
        raise BootstrapError(
            f"Python 3.11 or newer is needed and {sys.executable} is {found}:"
            " name a newer one, as in `make run PYTHON=python3.12`."
        )


def ensure_environment(purpose: str) -> None:
    """Install the requirements of a purpose in .venv, unless they are installed."""
    if is_current(purpose):
        return
    require_space()
    with lock():
        if is_current(purpose):
            return
        if not read_stamp() or not is_working():
            create_environment()
        install(purpose)


def is_current(purpose: str) -> bool:
    """Return whether the installed pins are those of the requirements file."""
    return read_stamp().get(purpose) == get_digest(purpose) and PYTHON.exists()


def get_digest(purpose: str) -> str:
    """Return the hash of a requirements file."""
    return hashlib.sha256(get_requirements(purpose).read_bytes()).hexdigest()


def get_requirements(purpose: str) -> Path:
    """Return the path of a requirements file."""
    return _ROOT / "requirements" / REQUIREMENTS[purpose]


def read_stamp() -> dict:
    """Return what is installed: nothing if .venv is incomplete or was moved."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if stamp.get("root") == str(_ROOT) else {}


def is_working() -> bool:
    """Return whether the Python of the environment still starts."""
    try:
        return subprocess.run([str(PYTHON), "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False


def require_space() -> None:
    """Raise BootstrapError for a read-only folder or a disk that is nearly full."""
    if not os.access(str(_ROOT), os.W_OK):
        raise BootstrapError(f"The folder {_ROOT} cannot be written to.")
    free = shutil.disk_usage(str(_ROOT)).free // 1000000
    needed = LATER if read_stamp() else FIRST_INSTALL
    if free < needed:
        raise BootstrapError(
            f"The disk of {_ROOT} is almost full: {free} MB are free and {needed} MB are needed."
        )


@contextmanager
def lock() -> "Iterator[None]":
    """Hold a lock, so that one installation at a time works on .venv."""
    folder = _ROOT / "var"
    folder.mkdir(exist_ok=True)
    with (folder / "bootstrap.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print_line("waiting for another installation to end")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def create_environment() -> None:
    """Create an empty .venv."""
    ensure_venv_module()
    with step("creating the Python environment in .venv"):
        shutil.rmtree(str(VENV), ignore_errors=True)
        _run(
            [sys.executable, "-m", "venv", str(VENV)],
            "Python could not create an environment in .venv",
        )


def ensure_venv_module() -> None:
    """Install Debian's package of the venv module where allowed, or say what to do."""
    if has_venv():
        return
    if can_install():
        with step("installing Debian's python3-venv"):
            apt_install("python3-venv")
    if not has_venv():
        raise BootstrapError(
            "This Python cannot create environments: install its venv module"
            " (Debian and Ubuntu: apt install python3-venv) and try again."
        )


def has_venv() -> bool:
    """Return whether this Python can create an environment with pip."""
    return (
        subprocess.run(
            [sys.executable, "-c", "import venv, ensurepip"], capture_output=True
        ).returncode
        == 0
    )


def install(purpose: str) -> None:
    """Install the requirements of a purpose; pip checks every file against its hash."""
    requirements = get_requirements(purpose)
    count = requirements.read_text().count("==")
    with step(f"installing {count} packages"):
        # A killed installation leaves no stamp, so that the environment is created again.
        STAMP.unlink(missing_ok=True)
        pip = [
            str(PYTHON),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ]
        pip += [
            "--no-deps",
            "--only-binary",
            ":all:",
            "--require-hashes",
            "--requirement",
            str(requirements),
        ]
        _run(pip, "The dependencies could not be installed; is the package index reachable?")
        digests = {name: get_digest(name) for name in COVERED_PURPOSES[purpose]}
        STAMP.write_text(json.dumps({"root": str(_ROOT), **digests}))


def ensure_browser() -> None:
    """Install Debian's Chromium for the browser tests where there is none and it is allowed."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if not can_install():
        print_line("no Chromium here: browser tests will be skipped (install one to run them)")
        return
    with step("installing Debian's chromium for the browser tests"):
        apt_install("chromium")
    if not any(shutil.which(name) for name in BROWSERS):
        print_line("Chromium could not be installed: browser tests will be skipped")


def can_install() -> bool:
    """Return whether Debian packages can be installed without a password."""
    return shutil.which("apt-get") is not None and (os.geteuid() == 0 or bool(get_sudo_prefix()))


def get_sudo_prefix() -> list:
    """Return the prefix of a command that needs root, empty if none is needed or possible."""
    if os.geteuid() == 0 or not shutil.which("sudo"):
        return []
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    return ["sudo", "-n"] if allowed else []


def apt_install(package: str) -> None:
    """Try to install a Debian package; the caller checks the result."""
    prefix = [*get_sudo_prefix(), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*prefix, "update"], capture_output=True)
    subprocess.run(
        [*prefix, "install", "--yes", "--no-install-recommends", package], capture_output=True
    )


def _run(command: list, sentence: str) -> None:
    """Run a command silently; if it fails, print its last lines and raise BootstrapError."""
    environment = {
        k: v for k, v in os.environ.items() if k not in ("PIP_USER", "PIP_TARGET", "PYTHONHOME")
    }
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    )
    if done.returncode:
        lines = done.stdout.decode(errors="replace").strip().splitlines()
        lines = [line[:200] for line in lines if not line.startswith("WARNING")]
        print("\n" + "\n".join(lines[-8:]), file=sys.stderr)
        raise BootstrapError(sentence if sentence.endswith("?") else sentence + ".")


@contextmanager
def step(title: str) -> "Iterator[None]":
    """Print one line for a step, with its duration."""
    began = time.monotonic()
    print(f"  {title} … ", end="", flush=True)
    yield
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def print_line(message: str) -> None:
    """Print one line."""
    print(f"  {message}", flush=True)


if __name__ == "__main__":
    main()
