from django.apps import AppConfig
from django.core import checks


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        from common.checks import DEPLOYMENT_CHECKS, check_role
        from common.migration_safety import check_migration_safety

        checks.register(check_migration_safety, checks.Tags.models)
        for check in DEPLOYMENT_CHECKS:
            checks.register(check, checks.Tags.security, deploy=True)
        # Not a check of `migrate`, which runs as the owner of the tables.
        checks.register(check_role, checks.Tags.database, deploy=True)
