"""What acts on two people have in common."""

from django.db.models import F

from accounts.models import User
from common.advisory_locks import AdvisoryLock, advisory_lock


def lock_user_pair(one: User, other: User) -> None:
    """Let nobody else change, until the transaction ends, how two people stand to each other.

    A block and a follow that begin at the same moment would otherwise both be there in the end.
    """
    least, greatest = sorted([one.pk, other.pk])
    advisory_lock(AdvisoryLock.USER_PAIR, least, greatest)


def invalidate_home_timeline(person: User) -> None:
    """Have a home timeline put together anew, as older posts than the newest may belong to it now."""
    User.objects.filter(pk=person.pk).update(home_timeline_version=F("home_timeline_version") + 1)
