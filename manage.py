#!/usr/bin/env python
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config import embedded

    embedded.attach_dev_services()
    from django.core.management import execute_from_command_line

    import config.celery  # noqa: F401  tasks are sent through this app

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
