from django.conf import settings

from common.models import Deployment


def record_environment() -> None:
    """Mark the database as a production one, permanently."""
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
    """Tell whether the settings or the database belong to a production site."""
    marked = Deployment.objects.filter(environment=Deployment.Environment.PRODUCTION).exists()
    return settings.PRODUCTION or marked
