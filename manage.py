#!/usr/bin/env python
"""Django's command line. In a checkout: `make manage ARGS=shell`."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured


def main() -> None:
    """Run a management command; wrong settings are one line on stderr."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    try:
        settings.ENVIRONMENT  # noqa: B018  some commands would ignore wrong settings
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    import config.celery  # noqa: F401  the app that sends tasks

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
