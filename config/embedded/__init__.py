"""PostgreSQL and a Redis-protocol server that live inside the checkout, for development and tests."""

import os
import sys


def attach_dev_services() -> None:
    """Set DATABASE_URL and REDIS_URL to this checkout's own servers where development names no others.

    Servers that do not run yet are started; the last process that uses them stops them at its end.
    """
    if os.environ.get("ENVIRONMENT", "development") != "development":
        return
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    from config.embedded.errors import ServiceUnavailableError
    from config.embedded.stack import hold_missing

    try:
        hold_missing()
    except ServiceUnavailableError as error:
        sys.exit(str(error))
