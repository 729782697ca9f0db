"""Make and keep the project's own Python environment in .venv, with nothing but the standard library.

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
# The second set holds the first, with the same pins.
SETS = {"run": ["run.txt"], "test": ["test.txt", "run.txt"]}
FIRST_INSTALL, LATER = 1500, 200  # megabytes that must be free
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


class BootstrapError(Exception):
    """Say in one sentence why the environment cannot be made."""


def main() -> None:
    """Bring the environment up to date for the named purpose; end with one sentence and 1 if that fails."""
    wanted = sys.argv[1] if len(sys.argv) == 2 else ""
    os.umask(0o022)  # the embedded PostgreSQL must be readable for the user that it runs as
    try:
        if wanted == "browser":
            ensure_browser()
        elif wanted in SETS:
            require_python()
            ensure_environment(wanted)
        else:
            raise BootstrapError("Usage: python3 bootstrap.py run | test | browser")
    except BootstrapError as problem:
        sys.exit(str(problem))
    except OSError as error:
        sys.exit(f"The environment could not be made: {error}.")
    except KeyboardInterrupt:
        sys.exit("Interrupted; the next run begins the installation again.")


def require_python() -> None:
    """Refuse a Python that is too old."""
    if sys.version_info < (3, 11):  # noqa: UP036
        found = "{}.{}".format(*sys.version_info[:2])
        raise BootstrapError(
            f"Python 3.11 or newer is needed and {sys.executable} is {found}:"
            " name a newer one, as in `make run PYTHON=python3.12`."
        )


def ensure_environment(wanted: str) -> None:
    """Make .venv hold a requirements set, unless it does."""
    if is_current(wanted):
        return
    require_place()
    with lock():
        if is_current(wanted):
            return
        if not read_stamp() or not works():
            make_environment()
        install(wanted)


def is_current(wanted: str) -> bool:
    """Tell whether the installed pins are those of the requirements file."""
    return read_stamp().get(wanted) == _digest(SETS[wanted][0]) and PYTHON.exists()


def _digest(name: str) -> str:
    """Return the hash of a requirements file."""
    return hashlib.sha256((_ROOT / "requirements" / name).read_bytes()).hexdigest()


def read_stamp() -> dict:
    """Return what .venv says is installed; nothing for one half-made, made elsewhere, or moved."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if stamp.get("root") == str(_ROOT) else {}


def works() -> bool:
    """Tell whether the environment's Python still starts."""
    try:
        return subprocess.run([str(PYTHON), "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False


def require_place() -> None:
    """Refuse a folder that is not writable or a disk that is nearly full."""
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
    """Let one installation at a time work on .venv."""
    folder = _ROOT / "var"
    folder.mkdir(exist_ok=True)
    with (folder / "bootstrap.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another installation to end")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_environment() -> None:
    """Make an empty .venv."""
    ensure_venv_module()
    with step("making the Python environment in .venv"):
        shutil.rmtree(str(VENV), ignore_errors=True)
        _run(
            [sys.executable, "-m", "venv", str(VENV)],
            "Python could not make an environment in .venv",
        )


def ensure_venv_module() -> None:
    """Install Debian's missing half of venv where that is allowed, or say what to do."""
    if has_venv():
        return
    if can_install():
        with step("installing Debian's python3-venv"):
            apt_install("python3-venv")
    if not has_venv():
        raise BootstrapError(
            "This Python cannot make environments: install its venv module"
            " (Debian and Ubuntu: apt install python3-venv) and try again."
        )


def has_venv() -> bool:
    """Tell whether this Python can make an environment with pip in it."""
    return (
        subprocess.run(
            [sys.executable, "-c", "import venv, ensurepip"], capture_output=True
        ).returncode
        == 0
    )


def install(wanted: str) -> None:
    """Install a requirements set, every file checked against its hash."""
    count = (_ROOT / "requirements" / SETS[wanted][0]).read_text().count("==")
    with step(f"installing {count} packages"):
        # Without its stamp, an environment whose installation was killed is made anew.
        STAMP.unlink(missing_ok=True)
        requirements = str(_ROOT / "requirements" / SETS[wanted][0])
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
            requirements,
        ]
        _run(pip, "The dependencies could not be installed; is the package index reachable?")
        stamp = {
            name: _digest(files[0]) for name, files in SETS.items() if files[0] in SETS[wanted]
        }
        STAMP.write_text(json.dumps({"root": str(_ROOT), **stamp}))


def ensure_browser() -> None:
    """Install Debian's Chromium for the browser tests where none is found and that is allowed."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if not can_install():
        say("no Chromium here: the browser tests will be skipped (install one to run them)")
        return
    with step("installing Debian's chromium for the browser tests"):
        apt_install("chromium")
    if not any(shutil.which(name) for name in BROWSERS):
        say("Chromium could not be installed: the browser tests will be skipped")


def can_install() -> bool:
    """Tell whether Debian packages can be installed without asking anyone."""
    return shutil.which("apt-get") is not None and (os.geteuid() == 0 or bool(sudo()))


def sudo() -> list:
    """Return the prefix of a command that needs root; nothing when there is no way."""
    if os.geteuid() == 0 or not shutil.which("sudo"):
        return []
    allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
    return ["sudo", "-n"] if allowed else []


def apt_install(package: str) -> None:
    """Install a Debian package, quietly; whether it is there afterwards is for the caller to see."""
    prefix = [*sudo(), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*prefix, "update"], capture_output=True)
    subprocess.run(
        [*prefix, "install", "--yes", "--no-install-recommends", package], capture_output=True
    )


def _run(command: list, sentence: str) -> None:
    """Run a command in silence; when it fails show its last lines and one sentence."""
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
def step(what: str) -> "Iterator[None]":
    """Show one line for a step, with its seconds."""
    began = time.monotonic()
    print(f"  {what} … ", end="", flush=True)
    yield
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def say(what: str) -> None:
    """Show one line."""
    print(f"  {what}", flush=True)


if __name__ == "__main__":
    main()
