"""Access to datasets, asked for and granted as on the site."""

from typing import Any

from accounts.models import User
from dataset_export.access.services import DEFAULT_PERIOD, grant_access, request_access
from dataset_export.access.terms import current_terms
from dataset_export.models import AccessRequest
from tests.factories import person

PURPOSE = "To train a small model on bread."


def asked(user: User, dataset: str = "words", **fields: Any) -> AccessRequest:
    """Have somebody ask for a dataset."""
    return request_access(
        user=user, dataset=dataset, **{"purpose": PURPOSE, "terms": current_terms(), **fields}
    )


def granted(
    user: User, dataset: str = "words", *, days: int = DEFAULT_PERIOD, **fields: Any
) -> AccessRequest:
    """Let somebody download a dataset."""
    request = asked(user, dataset, **fields)
    grant_access(request=request, by=person(), days=days)
    request.refresh_from_db()
    return request
