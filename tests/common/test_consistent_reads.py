"""Queries that see one state of the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from common.consistent_reads import consistent_read
from tests.factories import person
from tests.threads import together


def isolation() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_consistent_read_does_not_see_what_is_committed_meanwhile():
    person("alice")
    with consistent_read():
        before = User.objects.count()
        together([lambda: person("bob")])
        assert User.objects.count() == before
    assert User.objects.count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_consistent_read_that_writes_is_refused():
    with pytest.raises(DatabaseError, match="read-only"), consistent_read():
        person("alice")
    person("alice")
    assert isolation() == "read committed"


@pytest.mark.django_db(transaction=True)
def test_consistent_read_within_a_transaction_is_refused():
    with transaction.atomic(), pytest.raises(RuntimeError), consistent_read():
        pass


def test_consistent_read_leaves_a_test_its_transaction(alice):
    with consistent_read():
        assert isolation() == "read committed"
        assert User.objects.filter(pk=alice.pk).exists()
