from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.deployment import record_environment
from consent.ai_policy.crawlers import sync_default_crawlers
from consent.models import ConsentEvent
from consent.notices import sync_default_notices
from dataset_export.access.terms import ensure_terms
from dataset_export.builds.recipes import ensure_recipes
from dataset_export.publication.documents import generate_missing_documents
from dataset_export.roles import sync_roles


class Command(BaseCommand):
    help = (
        "Create notices, crawlers, roles, the default recipe and terms. Run it after each migrate."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if (
            settings.PRODUCTION
            and ConsentEvent.objects.filter(source=ConsentEvent.Source.IMPORT).exists()
        ):
            raise CommandError(
                "An import made up consent in this database. Begin production with an empty one."
            )
        record_environment()
        sync_default_notices()
        sync_default_crawlers()
        sync_roles()
        ensure_recipes()
        ensure_terms()
        generate_missing_documents()
