from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.log.checkpoints import InconsistentLog, sign_checkpoint
from consent.log.tiles import IncompleteLog


class Command(BaseCommand):
    help = "Sign a checkpoint of the consent log now, if the newest does not cover it, and print it."

    def handle(self, *args: Any, **options: Any) -> str:
        try:
            return sign_checkpoint().note
        except (InconsistentLog, IncompleteLog) as error:
            raise CommandError(f"nothing signed: {error}") from error
