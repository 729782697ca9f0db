"""Keys and what users typed appear in no log, whichever logger writes."""

import logging
import logging.config

import pytest
import structlog
from django.conf import settings

from config.log_redaction import redact_text

KEY = "1a-c7x2k9-0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (f"GET /accounts/password/reset/key/{KEY}/", "GET /accounts/password/reset/key/…/"),
        (
            f"Not Found: /accounts/password/reset/key/{KEY}/",
            "Not Found: /accounts/password/reset/key/…/",
        ),
        ("POST /accounts/confirm-email/MQ:1abc:def/", "POST /accounts/confirm-email/…/"),
        (
            f"open http://a.example/accounts/password/reset/key/{KEY}",
            "open http://a.example/accounts/password/reset/key/…",
        ),
        ("GET /search?q=my+illness&page=2", "GET /search?…"),
        ('"GET /search?q=my+illness HTTP/1.1" 200', '"GET /search?… HTTP/1.1" 200'),
        ("Referer https://a.example/search?q=secret", "Referer https://a.example/search?…"),
        ("GET /@alice/42", "GET /@alice/42"),
        ("Is this it? Yes", "Is this it? Yes"),
        (
            "duplicate key value\nDETAIL:  Key (email)=(ada@example.org) already exists.\n",
            "duplicate key value\nDETAIL: …\n",
        ),
        (
            "syntax error at or near \"my\"\nLINE 1: SELECT 'my illness'\n               ^",
            'syntax error at or near "my"\nLINE 1: …',
        ),
    ],
)
def test_redact_text_cuts_keys_queries_and_values(text, cut):
    assert redact_text(text) == cut


@pytest.mark.parametrize("form", ["json", "console"])
def test_every_logger_is_redacted(form, capsys):
    logging.config.dictConfig(
        {
            **settings.LOGGING,
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form}},
        }
    )
    try:
        logging.getLogger("gunicorn.error").warning("Invalid: /search?q=%s", "secretword")
        structlog.get_logger("x").warning(
            "seen", request=f"GET /accounts/password/reset/key/{KEY}/"
        )
        try:
            raise ValueError("DETAIL:  Failing row contains (secretword).")
        except ValueError:
            structlog.get_logger("x").exception("failed")
        said = capsys.readouterr().err
    finally:
        logging.config.dictConfig(settings.LOGGING)
    assert "seen" in said
    assert "ValueError" in said
    assert "secretword" not in said
    assert KEY not in said
