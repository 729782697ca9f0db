from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.deployment import is_production
from demo.world import PASSWORD, logins, make_world

_REFUSAL = "This is a production site: the demo world, whose passwords everyone knows, is for development only."


class Command(BaseCommand):
    help = "Fill an empty site with a small demo world; where there are people already, change nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--show", action="store_true", help="only print the demo logins")

    def handle(self, *args: Any, show: bool, **options: Any) -> None:
        if is_production():
            raise CommandError(_REFUSAL)
        if show:
            self.show_logins()
        elif make_world():
            self.stdout.write("Made the demo world.")

    def show_logins(self) -> None:
        people = logins()
        width = max((len(person.username) for person in people), default=0)
        for person in people:
            self.stdout.write(f"{person.username:<{width}}  {PASSWORD}  {person.login}")
