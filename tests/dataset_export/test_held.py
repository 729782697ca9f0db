"""Law 7: what may still be reversed is out of the files at once, and is erased when it is final."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from dataset_export.eligibility import revoked_records
from dataset_export.erasure import services
from dataset_export.erasure.exclude import exclude_rows
from dataset_export.erasure.services import erase_from, erase_revoked
from dataset_export.models import HeldRow, Removal, Snapshot, VacuumRequest
from dataset_export.pipeline.recipe import CONVERSATIONS_DEFAULT
from dataset_export.publication.removals import removals_jsonl, snapshot_removals
from dataset_export.publication.services import approve_and_publish
from dataset_export.removals.announce import announce
from dataset_export.removals.feed import Cursor, signed_page
from posts.models import Post
from tests.dataset_export.snapshots import built, in_train, published
from tests.dataset_export.whole import lines, require_whole, texts
from tests.factories import grant, person, post, withdraw

pytestmark = pytest.mark.django_db

BREAD = [
    (
        "fed the starter with rye before leaving for the train",
        "wonders why the crust went soft overnight",
    ),
    ("baked two loaves and gave one to the neighbour", "bought a stone mill that is far too loud"),
]


@pytest.fixture
def words(alice, bob) -> Snapshot:
    """Four posts in turn, three in the first shard."""
    for pair in BREAD:
        for author, text in zip((alice, bob), pair, strict=True):
            post(author, f"words of {author}: {text}")
    grant(alice)
    grant(bob)
    return published(recipe=in_train(3))


def standing(user: User, **fields: object) -> None:
    User.objects.filter(pk=user.pk).update(**fields)


def suspend(user: User) -> None:
    standing(user, suspended_at=timezone.now())


def lift(user: User) -> None:
    standing(user, suspended_at=None)


def long_ago(days: int) -> None:
    """Have what is held been held for so many days."""
    at = timezone.now() - timedelta(days=days)
    HeldRow.objects.update(held_at=at)
    User.objects.filter(suspended_at__isnull=False).update(suspended_at=at)


@pytest.mark.parametrize(
    ("out", "back", "reason"),
    [
        ({"suspended_at": "2026-01-01T00:00Z"}, {"suspended_at": None}, "suspended"),
        ({"is_active": False}, {"is_active": True}, "account_closed"),
    ],
    ids=["suspended", "closed"],
)
def test_rows_of_somebody_out_of_use_are_out_at_once_and_come_back(words, bob, out, back, reason):
    before = texts(words)
    standing(bob, **out)
    assert revoked_records(words).count() == 2
    erase_revoked()
    words.refresh_from_db()
    require_whole(words)
    assert "words of bob" not in texts(words)
    assert [row["reason"] for row in snapshot_removals(words)] == [reason, reason]
    assert words.manifest["counts"]["removed"] == HeldRow.objects.count() == 2
    assert not revoked_records(words).exists()
    assert erase_revoked() == []
    standing(bob, **back)
    [revision] = erase_revoked()
    words.refresh_from_db()
    require_whole(words)
    assert (texts(words), str(revision), revision.removed_rows) == (before, "v1.2", 0)
    assert (words.manifest["counts"]["removed"], words.manifest["removals"]["total"]) == (0, 0)
    assert not HeldRow.objects.exists()
    assert erase_revoked() == []


def test_what_is_final_is_erased_and_does_not_come_back(words, bob):
    suspend(bob)
    erase_revoked()
    long_ago(29)
    erase_revoked()
    assert HeldRow.objects.count() == 2
    VacuumRequest.objects.all().delete()
    long_ago(31)
    assert erase_revoked() == []
    assert not HeldRow.objects.exists()
    assert list(VacuumRequest.objects.values_list("tables", flat=True)) == ["files"]
    lift(bob)
    assert erase_revoked() == []
    assert "words of bob" not in texts(words)
    words.refresh_from_db()
    require_whole(words)
    # Who is back is in the next build.
    assert "words of bob" in texts(published(recipe=words.recipe))


def test_a_new_suspension_counts_from_its_own_day(words, bob):
    suspend(bob)
    erase_revoked()
    long_ago(31)
    suspend(bob)
    erase_revoked()
    assert HeldRow.objects.count() == 2


def test_a_suspension_of_some_seconds_between_two_looks_changes_nothing(words, bob):
    suspend(bob)
    lift(bob)
    assert erase_revoked() == []
    assert words.revisions.count() == 1


AS_WELL = {
    "consent withdrawn": (lambda bob, made: withdraw(bob), "consent_withdrawn"),
    "posts deleted": (lambda bob, made: Post.objects.filter(author=bob).delete(), "post_deleted"),
    "posts for followers": (
        lambda bob, made: Post.objects.filter(author=bob).update(visibility="followers"),
        "post_not_public",
    ),
    "account deleted": (lambda bob, made: bob.delete(), "account_closed"),
    "left out by a reviewer": (
        lambda bob, made: exclude_rows(
            snapshot=made,
            reason="Odd",
            by=None,
            records=made.provenance.filter(subject=bob.consent_subject.pk),
        ),
        "exclusion",
    ),
}


@pytest.mark.parametrize("what", AS_WELL)
def test_what_is_taken_back_for_good_while_it_is_held_is_erased(words, bob, what):
    suspend(bob)
    erase_revoked()
    assert HeldRow.objects.count() == 2
    AS_WELL[what][0](bob, words)
    erase_revoked()
    assert not HeldRow.objects.exists()
    lift(bob)
    erase_revoked()
    assert "words of bob" not in texts(words)


@pytest.mark.parametrize("what", AS_WELL)
def test_what_is_taken_back_for_good_is_not_held_as_its_author_is_suspended(words, bob, what):
    suspend(bob)
    AS_WELL[what][0](bob, words)
    erase_revoked()
    assert not HeldRow.objects.exists()
    assert Removal.objects.count() == 2


def test_a_row_may_go_and_come_back_again(words, alice, bob):
    listed = []
    for change in (suspend, lift, suspend, lift):
        change(bob)
        erase_revoked()
        listed.append(removals_jsonl(words))
    words.refresh_from_db()
    require_whole(words)
    assert "words of bob" in texts(words)
    assert Removal.objects.exclude(returned_in=None).count() == 4
    # What a state lists stays what its manifest has signed.
    assert [removals_jsonl(words, number) for number in range(1, 5)] == listed
    assert [text.count(b"\n") for text in listed] == [2, 0, 2, 0]


def test_others_are_erased_while_some_come_back(words, alice, bob):
    suspend(bob)
    erase_revoked()
    lift(bob)
    withdraw(alice)
    erase_revoked()
    words.refresh_from_db()
    require_whole(words)
    assert texts(words).count("words of bob") == 2
    assert "words of alice" not in texts(words)


def test_a_worker_that_is_killed_before_it_signs_leaves_nothing_half_done(words, bob, monkeypatch):
    suspend(bob)
    erase_revoked()
    lift(bob)
    monkeypatch.setattr(services, "sign_revision", lambda snapshot_id: pytest.fail("killed here"))
    with pytest.raises(pytest.fail.Exception):
        erase_from(words.pk)
    assert "words of bob" not in texts(words)
    monkeypatch.undo()
    # Whatever happens meanwhile, the files hold what the records say.
    withdraw(bob)
    erase_revoked()
    erase_revoked()
    words.refresh_from_db()
    require_whole(words)
    assert "words of bob" not in texts(words)
    assert not HeldRow.objects.exists()


def test_what_was_held_back_when_a_build_was_approved_stays_out_of_it(words, bob):
    """No second person has looked at it."""
    made = built(recipe=words.recipe)
    suspend(bob)
    erase_revoked()
    made.refresh_from_db()
    assert made.held_rows.count() == 2
    approve_and_publish(snapshot=made, by=person(), manifest_sha256=made.manifest_sha256)
    lift(bob)
    erase_revoked()
    assert "words of bob" not in texts(made)
    assert "words of bob" in texts(words)


def test_the_feed_tells_of_what_is_out_and_not_of_what_came_back(words, alice, bob):
    suspend(bob)
    erase_revoked()
    announce()
    assert [row["reason"] for row in signed_page("words", Cursor())["removals"]] == [
        "suspended",
        "suspended",
    ]
    lift(bob)
    withdraw(alice)
    erase_revoked()
    announce()
    page = signed_page("words", Cursor())
    assert [row["reason"] for row in page["removals"]] == ["consent_withdrawn", "consent_withdrawn"]


def test_a_conversation_comes_back_as_a_whole_and_only_if_nothing_keeps_a_message_out(alice, bob):
    first = [
        post(alice, f"Alice begins talk number {n} about the {'xyz'[n] * 7} oven today.")
        for n in range(2)
    ]
    for number, each in enumerate(first):
        post(
            bob,
            f"Bob answers talk {number} with some words on flour and {'klm'[number] * 8}.",
            reply_to=each,
        )
    grant(alice)
    grant(bob)
    made = published(recipe=in_train(50, CONVERSATIONS_DEFAULT))
    whole = lines(made, "conversations")
    assert len(whole) == 2
    suspend(bob)
    withdraw(alice, post_id=first[0].pk)
    erase_revoked()
    assert lines(made, "conversations") == []
    assert HeldRow.objects.filter(configuration="conversations").count() == 1
    lift(bob)
    erase_revoked()
    made.refresh_from_db()
    require_whole(made)
    assert lines(made, "conversations") == [line for line in whole if b"talk number 1" in line]
