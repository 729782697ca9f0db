from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from common.data_model import render_data_model

_TARGET = Path(settings.BASE_DIR) / "docs" / "data-model.md"


class Command(BaseCommand):
    help = "Write docs/data-model.md: a diagram of each app's models."

    def handle(self, *args: Any, **options: Any) -> None:
        _TARGET.write_text(render_data_model())
        self.stdout.write(f"Wrote {_TARGET}.")
