"""Limits of failed log-ins. They are counted by address, and by name together with address, never by name alone.

Whoever fails under somebody else's name keeps only their own address out, not the person whose name it is.
"""

import hashlib

from common.ratelimits import Use, count_use, duration, uncount

MAX_FAILURES_FOR_NAME = 5
MAX_FAILURES_OF_ADDRESS = 20
_SECONDS = 300


class TooManyFailuresError(Exception):
    """So many log-ins failed from this address that its next ones are not looked at for a while."""

    def __init__(self, seconds_left: int) -> None:
        super().__init__(
            f"Too many failed attempts to log in. Try again in {duration(seconds_left)}."
        )


def begin_log_in(*, name: str, network: str) -> list[Use]:
    """Count an attempt as failed before its password is looked at, so that no two at once get past the limit.

    Raises:
        TooManyFailuresError: with words for whoever tries, and when to try again.
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
    """Take back what `begin_log_in` counted; earlier failures stay counted, so that a log-in between ends no limit."""
    for use in uses:
        uncount(use)
