import time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.garbage_collection import tune_for_batches
from consent.purposes import Purpose
from dataset_export.builds.executor import advance_stage, process_next_task
from dataset_export.builds.recipes import DEFAULT_NAME, newest_recipe
from dataset_export.builds.services import SnapshotError, create_snapshot, start_build
from dataset_export.models import Snapshot

PAUSE_SECONDS = 0.2


class Command(BaseCommand):
    help = "Build a snapshot. With --wait, work on it too and exit 0 once it is in review."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--purpose", required=True, choices=Purpose.values)
        parser.add_argument("--recipe", default=DEFAULT_NAME)
        parser.add_argument("--wait", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        recipe = newest_recipe(options["recipe"])
        if recipe is None:
            raise CommandError(
                f"There is no recipe {options['recipe']}. Create it in the admin or run prepare_site."
            )
        snapshot = self.started(options["name"], options["purpose"], recipe)
        self.stdout.write(f"Building {snapshot}.")
        if options["wait"]:
            self.wait(snapshot)

    def started(self, name: str, purpose: str, recipe: Any) -> Snapshot:
        try:
            Snapshot(name=name, purpose=purpose, recipe=recipe).clean_fields()
            snapshot = create_snapshot(name=name, purpose=purpose, recipe=recipe, by=None)
            return start_build(snapshot=snapshot)
        except (SnapshotError, ValidationError) as error:
            raise CommandError("; ".join(getattr(error, "messages", [str(error)]))) from error

    def wait(self, snapshot: Snapshot) -> None:
        tune_for_batches()
        while snapshot.is_building:
            if not process_next_task(snapshot.pk):
                time.sleep(PAUSE_SECONDS)
                advance_stage(snapshot.pk)
            snapshot.refresh_from_db()
        if not snapshot.is_in_review:
            raise CommandError(
                f"{snapshot} is {snapshot.get_state_display().lower()}: {snapshot.error}"
            )
        self.stdout.write(
            f"{snapshot} stands in review: {snapshot.manifest['counts']['kept']:,} rows."
        )
