import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError, transaction

from common.database_role import grant_site_role


class Command(BaseCommand):
    help = (
        "Make the role as which web and workers use the database, and grant it what they need. Run it as the owner of "
        "the tables, after each migrate. APP_DATABASE_PASSWORD becomes its password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="such as commonplace_app")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                grant_site_role(options["name"], os.environ.get("APP_DATABASE_PASSWORD"))
        except ProgrammingError as error:
            raise CommandError(
                f"The role cannot be granted: {str(error).splitlines()[0]}."
            ) from error
