from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.log.verification import Verification

MOST_SAID = 20


class Command(BaseCommand):
    help = (
        "Recompute the consent log from the database and check every checkpoint ever signed. "
        "Exit code 0 when all is as it was signed, else 1 and the position at which something was changed."
    )

    def handle(self, *args: Any, **options: Any) -> str:
        verification = Verification()
        problems = list(islice(verification.problems(), MOST_SAID))
        if problems:
            raise CommandError("\n".join(["invalid:", *problems]))
        return f"valid: {verification.events} events, {verification.checkpoints} checkpoints"
