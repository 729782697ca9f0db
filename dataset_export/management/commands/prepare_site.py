from typing import Any

from django.core.management.base import BaseCommand

from common.deployment import mark_database
from consent.crawlers import ensure_crawlers
from consent.notices import ensure_notices
from dataset_export.recipes import ensure_recipes
from dataset_export.roles import ensure_roles


class Command(BaseCommand):
    help = "Make what every site needs: notices, known crawlers, roles, the default recipe. Run it after each migrate."

    def handle(self, *args: Any, **options: Any) -> None:
        mark_database()
        ensure_notices()
        ensure_crawlers()
        ensure_roles()
        ensure_recipes()
