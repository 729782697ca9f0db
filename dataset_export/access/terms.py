"""Terms of access: the current version and its successors."""

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from common.advisory_locks import AdvisoryLock, advisory_lock
from dataset_export import audit
from dataset_export.models import AccessTerms, AuditEntry

# The first version; later ones are written in the admin.
DEFAULT_TERMS = """\
Use. You use the dataset for the purpose that you stated, within the one purpose for which its authors gave it, and \
for nothing else.

Removals. Authors may change their minds at any time. You look at the list of removals often enough to delete every \
removed row from each copy you hold within {days} days, and you train on it no more. Copies include the caches of \
your tools, such as those of the libraries `datasets` and `huggingface_hub`. You are told of every removal from a \
revision of which you have downloaded any file with rows, also of rows in files that you do not have.

People. You do not try to find out who wrote a post, and you do not link its author to other sources.

No passing on. You give the dataset, or parts of it, to nobody outside of the organisation you named, or to nobody at \
all if you ask as a person. You keep your access tokens to yourself.

What others see. Authors whose posts you download can see your organisation, your stated purpose, and when you \
downloaded. If you ask as a person they see no name of yours.

End. Access ends on the day it was granted until. Whoever breaks these terms loses it earlier, and deletes all copies.
"""


def ensure_terms() -> AccessTerms:
    """Publish the first version if there is none, and return the newest."""
    return latest_terms() or publish_terms(text=DEFAULT_TERMS, by=None)


def current_terms() -> AccessTerms:
    """Return the current terms, publishing the default if needed."""
    return latest_terms() or ensure_terms()


def latest_terms() -> AccessTerms | None:
    return AccessTerms.objects.order_by("-version").first()


def required_version() -> int:
    """Return the lowest valid version: the last material change."""
    return (
        AccessTerms.objects.filter(is_material=True).aggregate(version=Max("version"))["version"]
        or 1
    )


@transaction.atomic
def publish_terms(
    *, text: str, by: User | None, removal_days: int = 7, is_material: bool = True
) -> AccessTerms:
    """Publish the next version; after a material change grantees have to agree again."""
    advisory_lock(AdvisoryLock.ACCESS_TERMS)
    last = latest_terms()
    terms = AccessTerms.objects.create(
        version=last.version + 1 if last else 1,
        text=text,
        removal_days=removal_days,
        is_material=is_material,
    )
    audit.record(
        actor=by,
        act=AuditEntry.Act.TERMS_MADE,
        object=terms,
        removal_days=removal_days,
        is_material=is_material,
    )
    return terms
