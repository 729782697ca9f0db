"""Log lines for a terminal."""

from collections.abc import MutableMapping
from typing import Any

_REQUEST_EVENTS = {"request_finished", "probe_failed"}
_ONLY_FOR_MACHINES = ("request_id", "logger", "user_agent")


def shorten_log_entry(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Shorten an event for readers (structlog processor): `12:30:05 GET /@ana 200 user_id=3`."""
    if event["event"] in _REQUEST_EVENTS:
        event["event"] = f"{event.pop('request')} {event.pop('code')}"
    for key in _ONLY_FOR_MACHINES:
        event.pop(key, None)
    if event.get("user_id", ...) is None:
        del event["user_id"]
    if "timestamp" in event:
        event["timestamp"] = event["timestamp"][11:19]
    return event
