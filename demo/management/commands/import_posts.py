import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from common.deployment import is_production
from consent.purposes import Purpose
from demo.importing import NothingToImportError, Order, import_posts
from demo.jsonl_reader import UnreadableFileError

_REFUSAL = (
    "This is a production site: posts are not imported here, as their authors would be made up, "
    "and nobody's consent is invented. Import into a development site instead."
)


class Command(BaseCommand):
    help = (
        'Load JSON Lines ({"text", "lang"?, ...}, plain or gzipped) as posts of made-up accounts.'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="FILE.jsonl or FILE.jsonl.gz")
        parser.add_argument(
            "--authors", type=positive, help="how many accounts to make (one for 25 posts)"
        )
        parser.add_argument(
            "--limit", type=positive, help="how many posts to load at the most (all)"
        )
        parser.add_argument(
            "--seed", type=int, default=0, help="another seed makes other people and follows (0)"
        )
        parser.add_argument(
            "--grant",
            action="append",
            default=[],
            choices=Purpose.values,
            help="let all the accounts share their posts for this purpose; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if is_production():
            raise CommandError(_REFUSAL)
        purposes = tuple(dict.fromkeys(options["grant"]))
        order = Order(
            options["file"], options["authors"], options["limit"], purposes, options["seed"]
        )
        try:
            tally = import_posts(order, report=self.report, track=track)
        except (UnreadableFileError, NothingToImportError) as trouble:
            raise CommandError(f"{trouble} Nothing was imported.") from trouble
        self.stdout.write(str(tally))

    def report(self, number: int, reason: str) -> None:
        """Print about a bad line, above the progress bar."""
        with tqdm.external_write_mode():
            self.stderr.write(f"line {number}: {reason}")


def track(rows: Iterable[Any], total: int, what: str) -> Iterable[Any]:
    return tqdm(
        rows, total=total or None, desc=what, unit=f" {what}", file=sys.stderr, mininterval=0.25
    )


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is no number above 0")
    return int(text)
