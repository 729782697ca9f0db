"""Rate limits on failed log-ins: by address, and by name plus address, never by name alone.

Guessing someone's password locks out the guesser's address, not the owner of the name.
"""

import hashlib

from common.ratelimits import Use, count_use, duration, uncount

MAX_FAILURES_FOR_NAME = 5
MAX_FAILURES_OF_ADDRESS = 20
_SECONDS = 300


class TooManyFailuresError(Exception):
    """Too many failed log-ins from this address."""

    def __init__(self, seconds_left: int) -> None:
        super().__init__(
            f"Too many failed attempts to log in. Try again in {duration(seconds_left)}."
        )


def begin_log_in(*, name: str, network: str) -> list[Use]:
    """Count an attempt as failed before checking it, so that parallel attempts cannot exceed the
    limit.

    Raises:
        TooManyFailuresError: with a message and the time of the next attempt.
    """
    digest = hashlib.sha256(name.strip().lower().encode()).hexdigest()
    uses = [
        count_use(
            "failed-log-in-name",
            f"{digest}:{network}",
            limit=MAX_FAILURES_FOR_NAME,
            seconds=_SECONDS,
        ),
        count_use("failed-log-in", network, limit=MAX_FAILURES_OF_ADDRESS, seconds=_SECONDS),
    ]
    if not all(use.is_within_limit for use in uses):
        raise TooManyFailuresError(max(use.seconds_left for use in uses))
    return uses


def count_as_success(uses: list[Use]) -> None:
    """Uncount a successful attempt. Earlier failures stay counted."""
    for use in uses:
        uncount(use)
