#!/usr/bin/env python
"""Django's command line. In a checkout: `make manage ARGS=shell`."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured


def main() -> None:
    """Run a management command; wrong settings are one line on stderr."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    try:
        import config.celery  # noqa: F401  the app that sends tasks

        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
