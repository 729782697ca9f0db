"""Redaction of keys and of what users typed, in every log line."""

import re
from collections.abc import MutableMapping
from typing import Any

CUT = "…"
# Keys in paths (allauth's links for a new password and for an email address), query strings, and
# the values of a row that PostgreSQL repeats in an error.
_SECRETS = (
    (re.compile(r"(/accounts/password/reset/key/)[^/\s?\"']+"), rf"\1{CUT}"),
    (re.compile(r"(/accounts/confirm-email/)[^/\s?\"']+"), rf"\1{CUT}"),
    (re.compile(r"((?:^|[\s\"'(=])(?:https?://[^\s/?\"']+)?/[^\s?\"']*\?)[^\s\"']+"), rf"\1{CUT}"),
    (re.compile(r"(DETAIL:|CONTEXT:|^LINE \d+:)[^\n]*(\n[ \t]*\^)?", re.MULTILINE), rf"\1 {CUT}"),
)


def redact_log_entry(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Redact all texts of an event (structlog processor, the last before the renderer)."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact_text(value)
    return event


def redact_text(text: str) -> str:
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
