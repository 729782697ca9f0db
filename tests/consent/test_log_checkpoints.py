"""The stored tree is the ledger's, what is signed never contradicts what was signed, and little is read."""

import base64
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from consent.models import Checkpoint, ConsentEvent, LogKey, LogNode
from consent.tasks import sign_checkpoints
from consent.transparency_log import merkle, tiles
from consent.transparency_log.checkpoints import (
    InconsistentLogError,
    newest_checkpoint,
    parse_tree_head,
    sign_checkpoint,
)
from consent.transparency_log.keys import origin, signing_key
from consent.transparency_log.notes import MalformedNoteError, open_note
from consent.transparency_log.verification import Verification
from tests.consent.ledger import behind_the_triggers_back, fill
from tests.factories import grant, person, withdraw

OTHER_KEY = base64.b64encode(bytes(range(7, 39))).decode()


def leaves() -> list[bytes]:
    return [
        bytes(leaf)
        for leaf in ConsentEvent.objects.order_by("position").values_list("leaf_hash", flat=True)
    ]


def test_a_checkpoint_covers_the_ledger_and_carries_our_signature(alice):
    grant(alice)
    withdraw(alice)
    checkpoint = sign_checkpoint()
    head = parse_tree_head(open_note(checkpoint.note, [signing_key().verifier]))
    assert (head.origin, head.size) == (origin(), 2)
    assert head.root == bytes(checkpoint.root) == merkle.root(2, merkle.in_memory(leaves()))


@pytest.mark.django_db
def test_an_empty_ledger_has_a_checkpoint_too():
    head = parse_tree_head(sign_checkpoint().note.partition("\n\n")[0] + "\n")
    assert (head.size, head.root) == (0, merkle.EMPTY_ROOT)


def test_nothing_new_is_not_signed_again(alice):
    grant(alice)
    assert sign_checkpoint() == sign_checkpoint()
    assert Checkpoint.objects.count() == LogKey.objects.count() == 1


def test_a_new_key_signs_the_same_size_again_and_the_old_one_stays_known(alice, settings):
    grant(alice)
    old = sign_checkpoint()
    first_key = settings.SIGNING_KEY
    settings.SIGNING_KEY = OTHER_KEY
    new = sign_checkpoint()
    assert new.size == old.size
    assert new.key != old.key
    assert newest_checkpoint() == new
    settings.SIGNING_KEY = first_key
    assert sign_checkpoint() == old
    assert LogKey.objects.count() == 2


def test_the_tree_in_the_database_is_the_tree_of_the_ledger(alice):
    for total in (1, 255, 256, 257, 700):
        fill(alice, total)
        checkpoint = sign_checkpoint()
        expected = merkle.in_memory(leaves())
        assert bytes(checkpoint.root) == merkle.root(total, expected)
        stored = tiles.database_subtree()
        for position in {0, total // 2, total - 1}:
            assert merkle.inclusion_proof(position, total, stored) == merkle.inclusion_proof(
                position, total, expected
            )
        assert merkle.consistency_proof(1, total, stored) == merkle.consistency_proof(
            1, total, expected
        )
    assert list(LogNode.objects.order_by("index").values_list("level", "index")) == [(1, 0), (1, 1)]


def test_higher_levels_are_completed_from_the_levels_below(alice):
    sign_checkpoint()
    level_1 = [merkle.leaf_hash(bytes([number % 256, number // 256])) for number in range(300)]
    LogNode.objects.bulk_create(
        [LogNode(level=1, index=number, hash=value) for number, value in enumerate(level_1)]
    )
    tiles.write_full_tiles(300 * 256)
    assert bytes(LogNode.objects.get(level=2).hash) == merkle.full_root(level_1[:256])
    tiles.write_full_tiles(300 * 256)
    assert LogNode.objects.filter(level=2).count() == 1


def test_a_proof_reads_few_rows_of_a_long_ledger(alice, django_assert_max_num_queries):
    fill(alice, 700)
    checkpoint = sign_checkpoint()
    with django_assert_max_num_queries(3) as queries:
        merkle.inclusion_proof(300, checkpoint.size, tiles.database_subtree())
    assert all(
        "BETWEEN" in query["sql"] or ">= " in query["sql"] for query in queries.captured_queries
    )


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM consent_consentevent WHERE position = 1",
        "UPDATE consent_consentevent SET leaf_hash = salt WHERE position = 1",
    ],
)
def test_nothing_is_signed_that_contradicts_what_was_signed(alice, change):
    fill(alice, 3)
    sign_checkpoint()
    behind_the_triggers_back(change)
    grant(person())
    with pytest.raises((InconsistentLogError, tiles.IncompleteLogError)):
        sign_checkpoint()


@pytest.mark.parametrize("table", ["checkpoint", "logkey", "lognode"])
@pytest.mark.parametrize(
    "statement", ["UPDATE consent_{} SET id = id + 1", "DELETE FROM consent_{}"]
)
def test_what_was_signed_is_not_changed(alice, table, statement):
    fill(alice, 256)
    sign_checkpoint()
    connection.check_constraints()
    with (
        pytest.raises(Exception, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


@pytest.mark.parametrize(
    "text", ["", "a\n", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n1\nAAA\n", "a\n1\nAAAA"]
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(MalformedNoteError):
        parse_tree_head(text)


def test_what_is_decided_is_signed_within_a_minute(alice, settings):
    [beat] = [
        entry
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if entry["task"] == sign_checkpoints.name
    ]
    assert beat["schedule"] <= 60
    grant(alice)
    sign_checkpoints()
    assert newest_checkpoint().size == 1


def test_an_operator_signs_at_once(alice):
    grant(alice)
    out = StringIO()
    call_command("sign_checkpoint", stdout=out)
    assert out.getvalue().strip() == newest_checkpoint().note.strip()


def test_an_operator_is_told_why_nothing_is_signed(alice):
    fill(alice, 3)
    sign_checkpoint()
    behind_the_triggers_back("DELETE FROM consent_consentevent WHERE position = 2")
    with pytest.raises(CommandError, match="does not begin with what was signed at 3"):
        call_command("sign_checkpoint")


@pytest.mark.django_db(transaction=True)
def test_people_decide_while_others_sign():
    people = [person() for _ in range(6)]
    failures: list[Exception] = []

    def decide_and_sign(someone) -> None:
        try:
            for _ in range(4):
                grant(someone)
                sign_checkpoint()
                withdraw(someone)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide_and_sign, args=[someone]) for someone in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    sign_checkpoint()
    verification = Verification()
    assert list(verification.problems()) == []
    assert (verification.events, newest_checkpoint().size) == (48, 48)
    assert verification.checkpoints == Checkpoint.objects.count() > 1


@pytest.mark.django_db(transaction=True)
def test_signers_at_the_same_time_sign_once():
    grant(person())
    failures: list[Exception] = []

    def sign() -> None:
        try:
            sign_checkpoint()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert list(Checkpoint.objects.values_list("size", flat=True)) == [1]
    assert newest_checkpoint().signed_at <= timezone.now()
