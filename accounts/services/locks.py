"""Locks and cache invalidation shared by changes between two users."""

from django.db.models import F

from accounts.models import User
from common.advisory_locks import AdvisoryLock, advisory_lock


def lock_user_pair(one: User, other: User) -> None:
    """Lock the relationship between two users until the transaction ends.

    Otherwise a block and a follow that start at the same time could both succeed.
    """
    least, greatest = sorted([one.pk, other.pk])
    advisory_lock(AdvisoryLock.USER_PAIR, least, greatest)


def invalidate_home_timeline(person: User) -> None:
    """Rebuild a home timeline on its next read: older posts may belong to it now."""
    User.objects.filter(pk=person.pk).update(home_timeline_version=F("home_timeline_version") + 1)
