"""Real services, processes and signals around a stub of the site that starts at once."""

import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

import devservices
from common import task_names
from config import gunicorn_config, gunicorn_worker, queues
from devservices import paths, processes, secrets, urls
from devservices.environment import attach_dev_services
from devservices.errors import ServiceUnavailableError
from devservices.processes import SUPERVISOR_VARIABLE

pytestmark = pytest.mark.slow

SITE = {
    "config/__init__.py": "",
    "config/wsgi.py": """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"here"]
""",
    "config/celery.py": """
import os, time
from pathlib import Path
from celery import Celery
from urllib.parse import urlsplit

socket = urlsplit(os.environ["REDIS_URL"]).path
app = Celery(broker=f"redis+socket://{socket}?virtual_host=0")
app.conf.task_ignore_result = True
app.conf.task_default_queue = "people"

@app.task
def work(path):
    Path(path, "begun").touch()
    time.sleep(1.5)
    Path(path, "done").touch()
""",
    "devservices/setup_site.py": "print('ada / her password')",
}


class Site:
    """A checkout with a stub site, run like the real one."""

    def __init__(self, root: Path, var: Path, port: int) -> None:
        self.root, self.var, self.port = root, var, port
        self.output = root / f"output-{port}"
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        ours = ("DATABASE_URL", "REDIS_URL", "ENVIRONMENT", "DJANGO_SETTINGS_MODULE")
        kept = {name: value for name, value in os.environ.items() if name not in ours}
        places = {
            "COMMONPLACE_VAR": str(self.var),
            "TMPDIR": str(self.root),
            "PORT": str(self.port),
        }
        return kept | places | {"PYTHONWARNINGS": "ignore"}

    def call(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "devservices", *arguments]
        env = self.environment() | environment
        return subprocess.run(
            command, cwd=self.root, env=env, capture_output=True, text=True, timeout=60
        )

    def python(self, code: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "devservices", "exec", "--"]
        command += [sys.executable, "-c", code, *arguments]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=self.root, env=self.environment(), **pipes)

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "devservices"],
                cwd=self.root,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        until(lambda: "Ctrl-C stops it" in self.text() or self.process.poll() is not None)
        assert self.process.poll() is None, self.text()

    def text(self) -> str:
        return self.output.read_text()

    def signal(self, number: signal.Signals) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(30)

    def get(self) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=60) as answer:
            return answer.read()

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return self.get() == b"here"
        return False

    def find(self, name: str) -> psutil.Process | None:
        """Return the running process that the supervisor started under a name."""
        assert self.process
        word = {"web": "config.wsgi", "workers": "devservices.workers"}.get(name, name)
        for process in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                words = [process.name(), *process.cmdline()]
                if process.status() != psutil.STATUS_ZOMBIE and any(
                    part.startswith(word) for part in words
                ):
                    return process
        return None

    def child(self, name: str) -> psutil.Process:
        found = self.find(name)
        assert found, name
        return found

    def database_url(self) -> str:
        return urls.build_postgres_url(
            paths.get_socket_dir(self.var / "postgres", ".s.PGSQL.5432"), "commonplace"
        )

    def running(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if self._owns(process)]

    def _owns(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            about = [*process.cmdline(), process.environ().get(SUPERVISOR_VARIABLE, "")]
            return any(str(self.var) in part for part in about)
        return False


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path: as root, PostgreSQL runs as another user, who cannot enter pytest's folders.
    with tempfile.TemporaryDirectory(prefix="commonplace-") as name:
        yield Path(name)


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    shutil.copytree(Path(devservices.__file__).parent, folder / "devservices")
    for module in (gunicorn_config, gunicorn_worker, queues, task_names):
        target = folder / module.__name__.partition(".")[0]
        target.mkdir(exist_ok=True)
        shutil.copy(module.__file__, target)
    for name, text in SITE.items():
        (folder / name).write_text(text)
    made = Site(folder, folder / "var", free_port())
    yield made
    if made.process and made.process.poll() is None:
        made.signal(signal.SIGTERM)
    for process in made.running():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def get_only_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return the only line of a run that ended with exit code 1."""
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_supervisor_on_sigterm_finishes_tasks_and_ends_everything(site: Site) -> None:
    site.start()
    assert site.get() == b"here"
    assert "ada / her password" in site.text()
    assert "is already running" in get_only_sentence(site.call())
    send = "from config.celery import work; import sys; work.delay(sys.argv[1])"
    site.python(send, str(site.root)).communicate(timeout=60)
    until((site.root / "begun").exists)

    assert site.signal(signal.SIGTERM) == 0

    assert (site.root / "done").exists()
    assert site.running() == []
    assert not (site.var / "postgres/postmaster.pid").exists()
    assert "database system is shut down" in (site.var / "log/postgres.log").read_text()


def test_supervisor_after_a_killed_run_starts_again(site: Site) -> None:
    site.start()
    with psycopg.connect(site.database_url()) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    assert site.signal(signal.SIGKILL) == -signal.SIGKILL
    left = {process.pid for process in site.running()}
    assert left

    began = time.monotonic()
    site.start()
    assert time.monotonic() - began < 10

    assert site.get() == b"here"
    with psycopg.connect(site.database_url()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    marked = {process.pid for process in site.running() if SUPERVISOR_VARIABLE in process.environ()}
    assert marked.isdisjoint(left)
    assert site.signal(signal.SIGINT) == 0
    assert site.running() == [], site.text()


def test_supervisor_after_all_processes_were_killed_starts_again(site: Site) -> None:
    site.start()
    assert site.process
    for process in [psutil.Process(site.process.pid), *site.running()]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    site.process.wait(10)

    site.start()

    assert site.get() == b"here"
    assert site.call("stop").returncode == 0
    assert site.process.wait(10) == 0


def test_supervisor_restarts_killed_programs_and_services(site: Site) -> None:
    """Kills every supervised process, as an out-of-memory killer would."""
    site.start()
    assert site.process
    names = ["web", "workers", "beat", "postgres", "valkey"]
    killed = {name: site.child(name) for name in names}
    for process in killed.values():
        process.kill()

    until(lambda: all(site.find(name) for name in names), 60)

    assert {name: site.child(name).pid for name in names}.keys() == killed.keys()
    assert all(site.child(name).pid != process.pid for name, process in killed.items())
    until(site.answers)
    with psycopg.connect(site.database_url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    send = "from config.celery import work; import sys; work.delay(sys.argv[1])"
    site.python(send, str(site.root)).communicate(timeout=60)
    until((site.root / "done").exists)
    zombies = [
        child for child in psutil.Process(site.process.pid).children() if child.status() == "zombie"
    ]
    assert zombies == []
    for said in (
        "The web process ended (exit code -9)",
        "The beat process ended (exit code -9; see ",
        "valkey has ended",
    ):
        assert said in site.text()
    assert site.signal(signal.SIGINT) == 0
    assert site.running() == []


def test_killed_worker_is_forked_again_while_the_others_run(site: Site) -> None:
    site.start()
    parent = site.child("workers")
    until(lambda: len(parent.children()) == len(queues.WORKERS))
    workers = {process.pid for process in parent.children()}
    killed = min(workers)
    psutil.Process(killed).kill()

    until(lambda: len({process.pid for process in parent.children()} - workers) == 1)

    assert {process.pid for process in parent.children()} > workers - {killed}
    until(lambda: "ended (exit code -9; see " in site.text())
    assert site.signal(signal.SIGTERM) == 0
    assert site.running() == []


def test_backoff_doubles_and_is_reset_by_a_stable_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(processes.time, "monotonic", lambda: clock[0])
    backoff = processes.Backoff()
    pauses = []
    for _ in range(9):
        backoff.note_start()
        assert not backoff.is_due()
        pauses.append(backoff.note_end())
        assert not backoff.is_due()
        clock[0] += pauses[-1]
        assert backoff.is_due()
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    backoff.note_start()
    clock[0] += processes.STABLE_SECONDS
    assert backoff.note_end() == 0.5


def test_supervisor_with_a_taken_port_prints_one_sentence(site: Site) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", site.port))
        other.listen()
        said = get_only_sentence(site.call())
    assert f"Port {site.port} is taken" in said
    assert f"PORT={site.port + 1}" in said


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PORT": "http"}, "PORT is 'http'"),
        ({"ENVIRONMENT": "production"}, "ENVIRONMENT is production"),
        ({"COMMONPLACE_VAR": "/dev/null/var"}, "The folder /dev/null/var cannot be written to"),
    ],
)
def test_supervisor_with_a_wrong_environment_prints_one_sentence(
    site: Site, environment: dict[str, str], said: str
) -> None:
    assert said in get_only_sentence(site.call(**environment))


def test_require_free_space_on_a_full_disk_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 12_000_000})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(
        ServiceUnavailableError, match="almost full: 12 MB are free and 200 MB are needed"
    ):
        paths.require_free_space(tmp_path, 200)


USE = """
import os, psycopg
def use(): return psycopg.connect(os.environ["DATABASE_URL"]).execute("SELECT 'used'").fetchone()[0]
print(use(), flush=True)
input()
print(use(), flush=True)
"""


def test_exec_stops_services_after_the_last_command(site: Site) -> None:
    # The path is too long for a socket.
    site.var = site.root / ("d" * 120) / 'with a "name"'
    first, second = site.python(USE), site.python(USE)
    for user in (first, second):
        assert user.stdout
        assert user.stdout.readline() == "used\n"
    first.communicate("\n", timeout=60)
    assert site.running()
    assert second.communicate("\n", timeout=60)[0] == "used\n"
    assert (first.returncode, second.returncode) == (0, 0)
    assert site.running() == []


def test_attach_with_urls_in_the_environment_starts_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COMMONPLACE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/site")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    assert attach_dev_services() == []
    assert not (tmp_path / "var").exists()
    assert os.environ["DATABASE_URL"] == "postgresql://elsewhere/site"


def test_attach_in_production_raises(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMMONPLACE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(ServiceUnavailableError, match="for development only"):
        attach_dev_services()
    assert "DATABASE_URL" not in os.environ
    assert not (tmp_path / "var").exists()


def test_secrets_are_created_once_and_private(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COMMONPLACE_VAR", str(tmp_path / "var"))
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: secrets.get_or_create_secrets(), range(16)))
    assert all(keys == made[0] for keys in made)
    path = tmp_path / "var/secrets.json"
    assert json.loads(path.read_text()) == made[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secrets.json"]


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("redis://host:6379/0", "redis://host:6379/5"),
        ("unix:///a%20folder/valkey.sock?db=0", "unix:///a%20folder/valkey.sock?db=5"),
    ],
)
def test_replace_redis_database_keeps_the_server(url: str, other: str) -> None:
    assert urls.replace_redis_database(url, 5) == other


@pytest.mark.parametrize("code", [0, 3])
def test_exec_returns_the_exit_code_of_the_command(site: Site, code: int) -> None:
    script = f"import os, sys; print(os.environ['ENVIRONMENT']); sys.exit({code})"
    done = site.call("exec", "--", sys.executable, "-c", script)
    assert (done.returncode, done.stdout) == (code, "development\n")
    assert site.running() == []


def test_exec_of_an_unknown_command_prints_one_sentence(site: Site) -> None:
    assert "There is no command 'no-such-program'" in get_only_sentence(
        site.call("exec", "--", "no-such-program")
    )
    assert site.running() == []


@pytest.mark.parametrize("arguments", [["start"], ["exec"], ["exec", "--"], ["stop", "now"]])
def test_unknown_arguments_print_the_usage(site: Site, arguments: list[str]) -> None:
    done = site.call(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: python -m devservices")
