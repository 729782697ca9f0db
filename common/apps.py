from django.apps import AppConfig
from django.core import checks


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        from common.checks import check_mail, check_role
        from common.migration_safety import check_migration_safety

        checks.register(check_migration_safety, checks.Tags.models)
        checks.register(check_mail, checks.Tags.security, deploy=True)
        # Not among those that `migrate` asks, which runs as the owner of the tables.
        checks.register(check_role, checks.Tags.database, deploy=True)
