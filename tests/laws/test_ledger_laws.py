"""Law 5: the ledger only grows, in the database itself, and shows when something was changed."""

import threading

import pytest
from django.db import Error, connection, transaction

from consent.models import ConsentEvent, Notice
from consent.selectors import ledger_size
from tests.factories import grant, person, withdraw


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_consentevent SET decision = 'granted'",
        "UPDATE consent_consentevent SET position = position + 1",
        "DELETE FROM consent_consentevent",
        "TRUNCATE consent_consentevent CASCADE",
        "UPDATE consent_notice SET text = 'Something milder'",
        "DELETE FROM consent_notice",
    ],
)
def test_the_database_refuses_to_change_what_is_written(alice, statement):
    grant(alice)
    before = list(ConsentEvent.objects.values()), list(Notice.objects.values())
    connection.check_constraints()
    with (
        pytest.raises(Error, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert (list(ConsentEvent.objects.values()), list(Notice.objects.values())) == before


def test_positions_begin_at_0_and_have_no_gaps(alice):
    for _ in range(3):
        grant(alice)
        withdraw(alice)
    assert list(
        ConsentEvent.objects.order_by("position").values_list("position", flat=True)
    ) == list(range(6))
    assert ledger_size() == 6


def test_a_decision_that_is_rolled_back_leaves_no_gap(alice):
    grant(alice)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        withdraw(alice)
        raise ZeroDivisionError
    assert withdraw(alice).position == 1


def test_nobody_chooses_a_position(alice):
    given = grant(alice)
    forged = ConsentEvent.objects.get(pk=given.position)
    forged.position, forged.decision = 700, "withdrawn"
    forged.seal().save(force_insert=True)
    assert list(ConsentEvent.objects.order_by("position").values_list("position", flat=True)) == [
        0,
        1,
    ]


def test_saying_the_same_again_writes_nothing(alice):
    assert grant(alice).position == grant(alice).position
    assert ledger_size() == 1


def test_every_leaf_commits_to_what_the_event_says(alice, bob):
    for someone in (alice, bob):
        grant(someone)
        withdraw(someone)
    events = list(ConsentEvent.objects.order_by("position"))
    assert all(bytes(event.leaf_hash) == event.expected_leaf_hash() for event in events)
    assert len({bytes(event.salt) for event in events}) == len(events)


@pytest.mark.parametrize(
    "column", ["decision", "purpose", "covers", "subject", "at", "source", "post_id"]
)
def test_a_change_behind_the_triggers_back_shows(alice, column):
    event = ConsentEvent.objects.get(pk=grant(alice).position)
    changed = {
        "decision": "withdrawn",
        "purpose": "evaluation",
        "covers": "from_now",
        "subject": "00000000-0000-4000-8000-000000000000",
        "at": event.at.replace(year=2020),
        "source": "import",
        "post_id": 1,
    }
    setattr(event, column, changed[column])
    assert bytes(event.leaf_hash) != event.expected_leaf_hash()


@pytest.mark.django_db(transaction=True)
def test_people_who_decide_at_the_same_time_get_positions_without_gaps():
    people = [person() for _ in range(8)]
    failures: list[Exception] = []

    def decide_often(someone) -> None:
        try:
            for _ in range(5):
                grant(someone)
                withdraw(someone)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide_often, args=[someone]) for someone in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert list(
        ConsentEvent.objects.order_by("position").values_list("position", flat=True)
    ) == list(range(80))
