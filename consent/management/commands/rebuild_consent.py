from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consent.projection import find_mismatches, rebuild

MAX_MISMATCHES_SHOWN = 50


class Command(BaseCommand):
    help = (
        "Compare the current state of consent with the ledger. Exit code 1 and the differences when they are not "
        "the same; with --write the state is made anew first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--write", action="store_true", help="make the state anew from the ledger"
        )

    def handle(self, *args: Any, **options: Any) -> str:
        if options["write"]:
            rebuild()
        found = find_mismatches()
        if found:
            lines = [str(difference) for difference in found[:MAX_MISMATCHES_SHOWN]]
            raise CommandError(
                "\n".join([f"{len(found)} differences between state and ledger:", *lines])
            )
        return "equal: the state is what the ledger says"
