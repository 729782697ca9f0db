from django.conf import settings

from common.models import Deployment


def record_environment() -> None:
    """Note in the database that it is a production one; what once was production stays so."""
    environment = (
        Deployment.Environment.PRODUCTION
        if settings.PRODUCTION
        else Deployment.Environment.DEVELOPMENT
    )
    row, _ = Deployment.objects.get_or_create(pk=1, defaults={"environment": environment})
    if settings.PRODUCTION and row.environment != environment:
        row.environment = environment
        row.save(update_fields=["environment"])


def is_production() -> bool:
    """Say whether the settings or the database are those of a production site."""
    marked = Deployment.objects.filter(environment=Deployment.Environment.PRODUCTION).exists()
    return settings.PRODUCTION or marked
