from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from common.database_objects import render_database_objects

_TARGET = Path(settings.BASE_DIR) / "docs" / "database-objects.md"


class Command(BaseCommand):
    help = "Write docs/database-objects.md: functions, triggers, locks and Celery tasks."

    def handle(self, *args: Any, **options: Any) -> None:
        _TARGET.write_text(render_database_objects())
        self.stdout.write(f"Wrote {_TARGET}.")
