from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.transparency_log.verification import Verification

MAX_PROBLEMS_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Recompute the consent log from the database and check every checkpoint ever signed. "
        "Exit code 0 when all is as it was signed, else 1 and the position at which something was changed."
    )

    def handle(self, *args: Any, **options: Any) -> str:
        verification = Verification()
        problems = list(islice(verification.problems(), MAX_PROBLEMS_SHOWN))
        if problems:
            raise CommandError("\n".join(["invalid:", *problems]))
        return f"valid: {verification.events} events, {verification.checkpoints} checkpoints"
