from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, Warning

from common.database_role import is_unprotected


def check_mail(**_: Any) -> list[CheckMessage]:
    """Say that a production site without a mail server sends no mail at all."""
    if settings.PRODUCTION and not settings.EMAIL_URL:
        hint = "Set EMAIL_URL, or nobody who forgot a password gets in again."
        return [
            Info("Without EMAIL_URL this site sends no mail.", hint=hint, id="commonplace.I001")
        ]
    return []


def check_role(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warn where the site itself could switch off what protects the ledger (`check --database default`)."""
    if settings.PRODUCTION and databases and is_unprotected("consent_consentevent"):
        hint = "Run `manage.py grant_site_role NAME` as the owner of the tables, and name that role in DATABASE_URL."
        message = (
            "The role in DATABASE_URL can switch off the triggers that protect the consent log."
        )
        return [Warning(message, hint=hint, id="commonplace.W002")]
    return []
