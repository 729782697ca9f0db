import logging
import logging.config
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings

from config import health
from config.log_console import shorten_log_entry


@pytest.mark.parametrize(
    ("event", "short"),
    [
        (
            {"event": "request_finished", "request": "GET /@ana", "code": 200, "user_id": 3},
            {"event": "GET /@ana 200", "user_id": 3},
        ),
        (
            {"event": "request_finished", "request": "GET /x", "code": 404, "user_id": None},
            {"event": "GET /x 404"},
        ),
        ({"event": "mail sent", "logger": "common.mail"}, {"event": "mail sent"}),
        (
            {"event": "x", "timestamp": "2026-12-01T01:00:41.034336Z", "request_id": "0b03"},
            {"event": "x", "timestamp": "01:00:41"},
        ),
    ],
)
def test_shorten_log_entry_keeps_what_a_reader_needs(event, short):
    assert shorten_log_entry(None, "info", event) == short


@contextmanager
def console_log() -> Iterator[None]:
    """Log as in development. pytest gives each phase of a test a stderr of its own."""
    handlers = {"stderr": {"class": "logging.StreamHandler", "formatter": "console"}}
    root = {"handlers": ["stderr"], "level": "INFO"}
    logging.config.dictConfig({**settings.LOGGING, "handlers": handlers, "root": root})
    try:
        yield
    finally:
        logging.config.dictConfig(settings.LOGGING)


def test_development_logs_one_short_line_per_request(client, db, capsys):
    with console_log():
        client.get("/search?q=my+illness")
        client.get("/no-such-page")
    lines = capsys.readouterr().err.splitlines()
    assert [line.split("] ")[1].strip() for line in lines] == [
        "GET /search 200",
        "GET /no-such-page 404",
    ]


@pytest.mark.parametrize("path", ["/readyz", "/healthz/workers"])
def test_failed_probe_is_a_warning(client, db, capsys, settings, path):
    settings.MIN_FREE_DISK_BYTES = 1 << 62
    with console_log():
        assert client.get(path).status_code == 503
    (line,) = capsys.readouterr().err.splitlines()
    assert "[warning" in line
    assert line.endswith(f"GET {path} 503")


def test_error_is_logged_once_with_its_traceback(client, db, capsys, monkeypatch):
    def fail() -> bool:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(health, "has_disk_space", fail)
    client.raise_request_exception = False
    with console_log():
        assert client.get("/readyz").status_code == 500
        assert client.get("/healthz").status_code == 200
    error = capsys.readouterr().err
    assert error.count("RuntimeError: the disk is on fire") == 1
