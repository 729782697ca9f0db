from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.deployment import mark_database
from consent.crawlers import ensure_crawlers
from consent.models import ConsentEvent
from consent.notices import ensure_notices
from dataset_export.access.terms import ensure_terms
from dataset_export.documents import ensure_documents
from dataset_export.recipes import ensure_recipes
from dataset_export.roles import ensure_roles


class Command(BaseCommand):
    help = "Make what every site needs: notices, crawlers, roles, the default recipe, terms. Run it after each migrate."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION and ConsentEvent.objects.filter(source=ConsentEvent.Source.IMPORT).exists():
            raise CommandError("An import made up consent in this database. Begin production with an empty one.")
        mark_database()
        ensure_notices()
        ensure_crawlers()
        ensure_roles()
        ensure_recipes()
        ensure_terms()
        ensure_documents()
