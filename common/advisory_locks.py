"""PostgreSQL advisory locks: every namespace in one enum, in the order in which they are taken."""

from enum import StrEnum

from django.db import connection, transaction

# All locks share PostgreSQL's 64-bit key space; the namespace keeps the hashed keys apart.
_KEY = "hashtextextended(%s, 0)"


class AdvisoryLock(StrEnum):
    """Namespaces of locks.

    A transaction that takes several takes them from the top to the bottom of this list, and keys
    of one namespace in ascending order, so that no two transactions wait for each other.
    """

    # Work that one process does at a time; held by the session. Keys: a snapshot's id, or none.
    REVIEW_STATISTICS = "review_statistics"
    ERASURE = "erasure"
    VACUUM = "vacuum"
    # A build task that a worker has claimed; held by the session; key: its id.
    BUILD_TASK = "build_task"
    # Two users' follow and block rows; key: both ids, the lower first.
    USER_PAIR = "user_pair"
    # Creating or publishing a version of a dataset; key: its name.
    DATASET_NAME = "dataset_name"
    # A build's staged rows: shared for its workers, exclusive for erasure; key: the snapshot's id.
    BUILD_STAGING = "build_staging"
    # The next version of the access terms.
    ACCESS_TERMS = "access_terms"
    # Numbering removal announcements, so that a reader of the newest has missed none.
    REMOVAL_ANNOUNCEMENT = "removal_announcement"
    # Appending to the consent ledger; also taken by the trigger that assigns positions.
    CONSENT_LEDGER = "consent_ledger"
    # Signing the next checkpoint of the transparency log.
    LOG_SIGNING = "log_signing"


def advisory_lock(lock: AdvisoryLock, *key: object, shared: bool = False) -> None:
    """Wait for a lock and hold it until the transaction ends.

    Raises:
        TransactionManagementError: there is no transaction, so the lock would end at once.
        OperationalError: another transaction holds it for longer than `lock_timeout`.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "An advisory lock is held until the end of a transaction; open one with atomic()."
        )
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({_KEY})", [_lock_name(lock, *key)])


def try_session_lock(lock: AdvisoryLock, *key: object) -> bool:
    """Take a lock that the connection holds until it is released or closed; False if it is taken."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({_KEY})", [_lock_name(lock, *key)])
        return bool(cursor.fetchone()[0])


def release_session_lock(lock: AdvisoryLock, *key: object) -> None:
    """Release a lock of this connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_unlock({_KEY})", [_lock_name(lock, *key)])


def _lock_name(lock: AdvisoryLock, *key: object) -> str:
    return " ".join([lock, *map(str, key)])
