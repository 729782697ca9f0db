from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.transparency_log.checkpoints import InconsistentLogError, sign_checkpoint
from consent.transparency_log.tiles import IncompleteLogError


class Command(BaseCommand):
    help = (
        "Sign a checkpoint of the consent log now, if the newest does not cover it, and print it."
    )

    def handle(self, *args: Any, **options: Any) -> str:
        try:
            return sign_checkpoint().note
        except (InconsistentLogError, IncompleteLogError) as error:
            raise CommandError(f"nothing signed: {error}") from error
