"""Locks against a second connection, and the literal that a trigger shares with the enum."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from common.advisory_locks import (
    AdvisoryLock,
    advisory_lock,
    release_session_lock,
    try_session_lock,
)

TRIGGER = Path(settings.BASE_DIR) / "consent" / "sql" / "consent_assign_position.sql"


@pytest.fixture
def other_session(db) -> Iterator[psycopg.Connection]:
    parameters = connection.get_connection_params()
    with psycopg.connect(**parameters, autocommit=True) as session:
        yield session


def is_free(session: psycopg.Connection, name: str, shared: bool = False) -> bool:
    """Take a lock for a moment, as another process would."""
    kind = "_shared" if shared else ""
    sql = f"SELECT pg_try_advisory_lock{kind}(hashtextextended(%s, 0))"
    taken = session.execute(sql, [name]).fetchone()[0]
    session.execute("SELECT pg_advisory_unlock_all()")
    return taken


def test_advisory_lock_excludes_the_same_key_only(other_session):
    advisory_lock(AdvisoryLock.DATASET_NAME, "words")
    assert not is_free(other_session, "dataset_name words")
    assert is_free(other_session, "dataset_name other")
    assert is_free(other_session, "access_terms words")


def test_advisory_lock_shared_admits_other_shared_holders(other_session):
    advisory_lock(AdvisoryLock.BUILD_STAGING, 5, shared=True)
    assert is_free(other_session, "build_staging 5", shared=True)
    assert not is_free(other_session, "build_staging 5")


def test_advisory_lock_waits_no_longer_than_lock_timeout(other_session):
    other_session.execute("SELECT pg_advisory_lock(hashtextextended('log_signing', 0))")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
    with pytest.raises(OperationalError), transaction.atomic():
        advisory_lock(AdvisoryLock.LOG_SIGNING)


@pytest.mark.django_db(transaction=True)
def test_advisory_lock_outside_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError, match="atomic"):
        advisory_lock(AdvisoryLock.CONSENT_LEDGER)


def test_session_lock_is_held_until_it_is_released(other_session):
    assert try_session_lock(AdvisoryLock.VACUUM)
    assert not is_free(other_session, "vacuum")
    release_session_lock(AdvisoryLock.VACUUM)
    assert is_free(other_session, "vacuum")


def test_session_lock_held_elsewhere_is_not_taken(other_session):
    other_session.execute("SELECT pg_advisory_lock(hashtextextended('erasure 3', 0))")
    assert not try_session_lock(AdvisoryLock.ERASURE, 3)
    assert try_session_lock(AdvisoryLock.ERASURE, 4)
    release_session_lock(AdvisoryLock.ERASURE, 4)


def test_trigger_takes_the_lock_of_the_ledger():
    assert f"hashtextextended('{AdvisoryLock.CONSENT_LEDGER}', 0)" in TRIGGER.read_text()
