"""Law 7: what is withdrawn leaves the files, the record of the snapshot stays, and it verifies."""

import hashlib
import io

import orjson
import pyarrow.parquet as pq
import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import User
from dataset_export.builds.locks import TaskNotAvailableError
from dataset_export.builds.services import SnapshotError
from dataset_export.eligibility import has_revoked_rows, revoked_records
from dataset_export.erasure import rewrite_shard as rewriting
from dataset_export.erasure import services
from dataset_export.erasure.exclude import exclude_rows
from dataset_export.erasure.rewrite_shard import RowMismatchError, content_of
from dataset_export.erasure.services import erase_from, erase_revoked
from dataset_export.models import (
    DroppedPost,
    Exclusion,
    Removal,
    Revision,
    Shard,
    ShardChunk,
    ShardRewrite,
    Snapshot,
    VacuumRequest,
)
from dataset_export.pipeline.recipe import CONVERSATIONS_DEFAULT
from dataset_export.pipeline.shards import read_jsonl_shard, write_lines
from dataset_export.publication.removals import removals_jsonl
from dataset_export.publication.services import (
    approve_and_publish,
    reject_snapshot,
    withdraw_snapshot,
)
from dataset_export.review.previews import sample_rows
from dataset_export.signing.revisions import current_revision, revision_by_name
from dataset_export.storage.shard_reader import ByteRange, stream
from posts.models import Post
from posts.services import delete_post
from tests.dataset_export.snapshots import built, in_train, published
from tests.dataset_export.whole import lines, require_whole, texts
from tests.factories import grant, person, post, withdraw

pytestmark = pytest.mark.django_db
ROWS_A_SHARD = 3


BREAD = [
    (
        "fed the starter with rye before leaving for the train",
        "wonders why the crust went soft overnight",
    ),
    ("baked two loaves and gave one to the neighbour", "bought a stone mill that is far too loud"),
    (
        "needs more salt than the recipe told us to take",
        "never weighs anything and it shows each time",
    ),
    ("found an old tin with a drawing of a windmill", "says the oven has to be hotter than that"),
]


@pytest.fixture
def corpus(alice, bob) -> None:
    """Eight posts in turn, so that with three rows in a shard each has some of both."""
    for pair in BREAD:
        for author, text in zip((alice, bob), pair, strict=True):
            post(author, f"words of {author}: {text}")
    grant(alice)
    grant(bob)


@pytest.fixture
def words(corpus) -> Snapshot:
    return published(recipe=in_train(ROWS_A_SHARD))


def test_a_build_can_be_verified_by_its_files(words):
    require_whole(words)
    first = current_revision(words)
    assert (first.number, bytes(first.manifest_json)) == (0, bytes(words.manifest_json))
    assert (
        words.shards.filter(format="proof")
        .order_by("pk")
        .first()
        .path.startswith("proofs/posts/train-00000-of-")
    )


def test_a_withdrawal_leaves_a_signed_revision_without_the_rows(words, bob):
    before = words.manifest
    withdraw(bob)
    erase_revoked()
    words.refresh_from_db()
    require_whole(words)
    assert "words of bob" not in texts(words)
    assert texts(words).count("words of alice") == 4
    assert not revoked_records(words).exists()
    manifest = words.manifest
    assert manifest["merkle_root"] == before["merkle_root"]
    assert manifest["counts"] == before["counts"] | {"kept": 4, "removed": 4}
    assert (before["authors"], manifest["authors"]) == (2, 1)
    assert manifest["revision"]["number"] == 1
    previous = bytes(words.revisions.get(number=0).manifest_json)
    assert manifest["revision"]["previous"] == hashlib.sha256(previous).hexdigest()
    assert manifest["removals"] == {
        "total": 4,
        "by_reason": {"consent_withdrawn": 4},
        "sha256": hashlib.sha256(removals_jsonl(words)).hexdigest(),
    }


def test_salts_go_and_leaves_stay(words, bob):
    gone = words.provenance.filter(subject=bob.consent_subject.pk)
    salts = [bytes(salt) for salt in gone.values_list("salt", flat=True)]
    leaves = {bytes(leaf) for leaf in gone.values_list("leaf_hash", flat=True)}
    withdraw(bob)
    erase_revoked()
    assert set(gone.values_list("salt", "removed_in")) == {(None, 1)}
    assert {bytes(leaf) for leaf in gone.values_list("leaf_hash", flat=True)} == leaves
    proofs = b"".join(
        b"\n".join(read_jsonl_shard(content_of(shard)))
        for shard in words.shards.filter(format="proof")
    )
    assert not [salt for salt in salts if salt.hex().encode() in proofs]
    assert all(leaf.hex().encode() in proofs for leaf in leaves)


def test_removals_tell_which_rows_are_gone_and_why(words, alice, bob):
    names = {orjson.loads(line)["id"]: orjson.loads(line)["text"] for line in lines(words)}
    deleted = Post.objects.filter(author=bob).earliest("pk")
    place = words.provenance.get(post_id=deleted.pk)
    delete_post(post=deleted)
    erase_revoked()
    first = removals_jsonl(words)
    withdraw(alice)
    erase_revoked()
    both = removals_jsonl(words)
    assert both.startswith(first)
    rows = [orjson.loads(line) for line in both.splitlines()]
    assert [row["reason"] for row in rows] == ["post_deleted"] + 4 * ["consent_withdrawn"]
    assert [row["revision"] for row in rows] == ["v1.1"] + 4 * ["v1.2"]
    assert "words of bob" in names[rows[0]["id"]]
    assert (rows[0]["split"], rows[0]["shard"], rows[0]["row"]) == (
        "train",
        place.shard_number,
        place.row,
    )
    assert all("words of alice" in names[row["id"]] for row in rows[1:])
    assert set(rows[0]) == {
        "configuration", "split", "shard", "row", "id", "leaf", "reason", "removed_at", "revision"
    }  # fmt: skip
    words.refresh_from_db()
    require_whole(words)


def suspend(user: User) -> None:
    User.objects.filter(pk=user.pk).update(suspended_at=timezone.now())


def close(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


REASONS = {
    "consent_withdrawn": withdraw,
    "account_closed": lambda user: user.delete(),
    "suspended": suspend,
    "post_not_public": lambda user: Post.objects.filter(author=user).update(visibility="followers"),
    "post_not_human": lambda user: Post.objects.filter(author=user).update(authorship="automated"),
    "post_deleted": lambda user: Post.objects.filter(author=user).delete(),
}


@pytest.mark.parametrize("reason", REASONS)
def test_the_reason_is_what_is_true(words, bob, reason):
    REASONS[reason](bob)
    erase_revoked()
    assert list(Removal.objects.values_list("reason", "revision").distinct()) == [(reason, 1)]
    assert Removal.objects.count() == 4


def test_an_account_out_of_use_counts_as_closed(words, bob):
    close(bob)
    erase_revoked()
    assert set(Removal.objects.values_list("reason", flat=True)) == {"account_closed"}


def test_the_choices_of_reasons_are_those_that_are_given():
    # An older version has erased for suspensions, and called that moderation.
    assert set(Removal.Reason.values) == {*REASONS, "exclusion", "moderation"}


def test_only_the_files_that_held_the_row_are_rewritten(words, alice):
    before = dict(words.shards.values_list("path", "sha256"))
    delete_post(post=Post.objects.filter(author=alice).earliest("pk"))
    erase_revoked()
    changed = {
        path for path, sha in words.shards.values_list("path", "sha256") if before[path] != sha
    }
    assert {path.rpartition("/")[2].split(".")[0] for path in changed} == {"train-00000-of-00003"}
    assert len(changed) == 3
    assert set(words.shards.values_list("revision", flat=True)) == {0, 1}


def test_all_rows_of_a_shard_may_go(words, alice, bob):
    withdraw(alice)
    withdraw(bob)
    erase_revoked()
    words.refresh_from_db()
    require_whole(words)
    assert not lines(words)


def test_figures_that_an_older_version_left_are_counted_anew(words, alice, bob):
    first = list(
        words.tasks.filter(stage="write").order_by("number").values_list("summary", flat=True)
    )
    withdraw(bob)
    erase_revoked()
    for part, summary in zip(
        words.tasks.filter(stage="write").order_by("number"), first, strict=True
    ):
        part.summary = summary
        part.save()
    delete_post(post=Post.objects.filter(author=alice).earliest("pk"))
    erase_revoked()
    words.refresh_from_db()
    require_whole(words)
    assert words.manifest["counts"]["kept"] == 3


def test_a_second_look_finds_nothing_and_signs_nothing(words, bob):
    withdraw(bob)
    assert len(erase_revoked()) == 1
    assert erase_revoked() == []
    assert words.revisions.count() == 2


def test_what_is_back_after_its_erasure_stays_away(words, bob):
    withdraw(bob)
    erase_revoked()
    grant(bob)
    assert erase_revoked() == []
    assert "words of bob" not in texts(words)


def test_until_the_revision_is_signed_nothing_of_it_is_served_or_seen(words, bob, monkeypatch):
    served = dict(words.shards.values_list("path", "sha256"))
    withdraw(bob)
    monkeypatch.setattr(services, "sign_revision", lambda snapshot_id: pytest.fail("killed here"))
    with pytest.raises(pytest.fail.Exception):
        erase_from(words.pk)
    assert ShardRewrite.objects.count() == 9
    assert all(has_revoked_rows(shard) for shard in words.shards.all())
    assert dict(words.shards.values_list("path", "sha256")) == served
    assert removals_jsonl(words) == b""
    assert "words of bob" in texts(words)
    monkeypatch.undo()
    erase_from(words.pk)
    words.refresh_from_db()
    require_whole(words)
    assert not ShardRewrite.objects.exists()
    assert not ShardChunk.objects.exclude(revision=0).filter(shard__revision=0).exists()


def test_a_withdrawal_during_a_rewrite_is_the_next_revisions(words, alice, bob, monkeypatch):
    withdraw(bob)
    sign = services.sign_revision

    def sign_late(snapshot_id):
        withdraw(alice)
        return sign(snapshot_id)

    monkeypatch.setattr(services, "sign_revision", sign_late)
    erase_from(words.pk)
    monkeypatch.undo()
    assert "words of alice" in texts(words)
    assert all(has_revoked_rows(shard) for shard in words.shards.all())
    erase_from(words.pk)
    words.refresh_from_db()
    require_whole(words)
    assert list(words.revisions.order_by("number").values_list("number", "removed_rows")) == [
        (0, 0),
        (1, 4),
        (2, 4),
    ]


def test_a_download_that_is_under_way_breaks_off(words, bob):
    shard = words.shards.filter(format="jsonl").order_by("number").first()
    withdraw(bob)
    erase_revoked()
    with pytest.raises(LookupError):
        list(stream(shard, ByteRange(0, shard.size)))


def test_old_states_are_known_and_the_newest_is_current(words, bob):
    old = current_revision(words)
    withdraw(bob)
    erase_revoked()
    words.refresh_from_db()
    new = current_revision(words)
    assert new.number == 1
    assert new.commit == words.manifest_sha256[:40]
    assert str(new) == "v1.1"
    assert revision_by_name("words", "v1.0") == revision_by_name("words", old.commit) == old
    assert revision_by_name("words", "v1.1") == revision_by_name("words", new.commit) == new
    for unknown in ("v1.2", "v2.0", "v01.0", "main", "", old.commit[:39], "v1.0\n"):
        assert revision_by_name("words", unknown) is None
    assert revision_by_name("other", "v1.0") is None


@pytest.mark.parametrize("state", ["in_review", "published", "superseded", "withdrawn"])
def test_every_state_that_holds_files_is_looked_at(words, bob, state):
    Snapshot.objects.filter(pk=words.pk).update(state=state)
    withdraw(bob)
    assert len(erase_revoked()) == 1
    assert "words of bob" not in texts(words)


def test_a_snapshot_in_review_is_approved_as_it_is_after_the_erasure(corpus, bob):
    made, reviewer = built(recipe=in_train(ROWS_A_SHARD)), person()
    looked_at = made.manifest_sha256
    withdraw(bob)
    with pytest.raises(SnapshotError, match="look again in a minute"):
        approve_and_publish(snapshot=made, by=reviewer, manifest_sha256=looked_at)
    erase_revoked()
    with pytest.raises(SnapshotError, match="has changed since"):
        approve_and_publish(snapshot=made, by=reviewer, manifest_sha256=looked_at)
    made.refresh_from_db()
    approve_and_publish(snapshot=made, by=reviewer, manifest_sha256=made.manifest_sha256)
    made.refresh_from_db()
    assert made.state == "published"


def test_a_snapshot_that_was_turned_down_meanwhile_is_left_alone(corpus, bob, monkeypatch):
    made = built(recipe=in_train(ROWS_A_SHARD))
    withdraw(bob)
    sign = services.sign_revision

    def turn_down_first(snapshot_id):
        reject_snapshot(snapshot=made, by=person(), reason="Too little")
        return sign(snapshot_id)

    monkeypatch.setattr(services, "sign_revision", turn_down_first)
    with pytest.raises(TaskNotAvailableError):
        erase_from(made.pk)
    assert not ShardRewrite.objects.exists()
    assert not Removal.objects.exists()
    assert erase_revoked() == []


def test_the_wrong_row_is_never_erased(words, bob, monkeypatch):
    """A file that does not hold what the records say is left as it is, and stays withheld."""
    withdraw(bob)
    shard = words.shards.filter(format="jsonl").order_by("number").first()
    first, *others = read_jsonl_shard(content_of(shard))
    swapped = write_lines([*others, first])
    shard.chunks.all().delete()
    ShardChunk.objects.create(shard=shard, number=0, data=swapped)
    Shard.objects.filter(pk=shard.pk).update(size=len(swapped))
    with pytest.raises(RowMismatchError, match="not the one that its leaf commits to"):
        erase_from(words.pk)
    assert erase_revoked() == []
    shard.refresh_from_db()
    assert has_revoked_rows(shard)
    assert not Removal.objects.exists()


def test_one_snapshot_that_cannot_be_rewritten_does_not_keep_the_others(words, bob, monkeypatch):
    other = published("other", recipe=in_train(ROWS_A_SHARD))
    withdraw(bob)
    monkeypatch.setattr(rewriting, "lines_by_row", fails_for(words, rewriting.lines_by_row))
    assert [revision.snapshot_id for revision in erase_revoked()] == [other.pk]


def fails_for(snapshot: Snapshot, call):
    def maybe(shard, leaves):
        if shard.snapshot_id == snapshot.pk:
            raise RowMismatchError("no")
        return call(shard, leaves)

    return maybe


def test_a_shard_without_proofs_of_an_older_build_is_rewritten_too(words, bob):
    words.shards.filter(format="proof").delete()
    withdraw(bob)
    erase_revoked()
    assert "words of bob" not in texts(words)


def test_a_withdrawn_snapshot_is_rewritten(words, bob):
    withdraw_snapshot(snapshot=words)
    withdraw(bob)
    erase_revoked()
    assert "words of bob" not in texts(words)


def test_the_sample_of_a_review_shows_the_rows_that_are_there(words, alice, bob):
    delete_post(post=Post.objects.filter(author=bob).earliest("pk"))
    erase_revoked()
    delete_post(post=Post.objects.filter(author=alice).latest("pk"))
    (last,) = (line for line in lines(words) if b"words of alice: found an old tin" in line)
    for seed in range(8):
        sample = [row.id for row in sample_rows(words, seed)]
        assert sample
        assert orjson.loads(last)["id"] not in sample


def test_a_conversation_goes_as_a_whole_with_the_reason_of_its_message(alice, bob, charlie):
    threads = [
        post(alice, f"Alice begins talk number {n} about the {'xyz'[n] * 7} oven today.")
        for n in range(3)
    ]
    for number, first in enumerate(threads):
        post(
            bob,
            f"Bob answers talk {number} with some words on flour and {'klm'[number] * 8}.",
            reply_to=first,
        )
    answer = post(
        charlie, "Charlie adds the matter of salt and of long patience here.", reply_to=threads[1]
    )
    for someone in (alice, bob, charlie):
        grant(someone)
    made = published(recipe=in_train(50, CONVERSATIONS_DEFAULT))
    whole = lines(made, "conversations")
    held = made.provenance.filter(configuration="conversations", post_id=answer.pk).get()
    delete_post(post=answer)
    erase_revoked()
    made.refresh_from_db()
    require_whole(made)
    assert len(lines(made, "conversations")) == len(whole) - 1
    assert b"Charlie adds" not in b"".join([*lines(made), *lines(made, "conversations")])
    gone = made.provenance.filter(configuration="conversations", split=held.split, row=held.row)
    assert set(gone.values_list("removed_in", "salt")) == {(1, None)}
    assert gone.count() == 3
    removal = Removal.objects.get(configuration="conversations")
    assert removal.reason == "post_deleted"
    assert removal.row_id in {orjson.loads(line)["id"] for line in whole}


def test_a_reviewer_leaves_rows_out_and_they_stay_out(words, alice, bob):
    reviewer = person("reviewer")
    one = words.provenance.filter(subject=alice.consent_subject.pk).earliest("post_id")
    other = words.provenance.filter(subject=bob.consent_subject.pk).earliest("post_id")
    assert (
        exclude_rows(
            snapshot=words, records=[one], authors_of=[other], reason=" Not bread ", by=reviewer
        )
        == 2
    )
    assert exclude_rows(snapshot=words, records=[one], reason="Again", by=reviewer) == 0
    assert set(Exclusion.objects.values_list("reason", "by")) == {("Not bread", reviewer.pk)}
    assert revoked_records(words).count() == 5
    erase_revoked()
    words.refresh_from_db()
    require_whole(words)
    assert set(Removal.objects.values_list("reason", flat=True)) == {"exclusion"}
    assert len(lines(words)) == 3
    later = built(recipe=in_train(ROWS_A_SHARD))
    assert later.manifest["counts"]["dropped"]["exclusion"] == {"excluded": 5}
    assert len(lines(later)) == 3
    assert (
        DroppedPost.objects.filter(snapshot=later, step="exclusion", reason="excluded").count() == 5
    )
    assert built("elsewhere", recipe=in_train(ROWS_A_SHARD)).manifest["counts"]["kept"] == 8


def test_an_exclusion_needs_a_reason_and_rows_of_the_snapshot(words):
    record = words.provenance.earliest("pk")
    for reason in ("", " \n", "\x00"):
        with pytest.raises(SnapshotError, match="Say why"):
            exclude_rows(snapshot=words, records=[record], reason=reason, by=None)
    other = built("other")
    with pytest.raises(SnapshotError, match="not all in other"):
        exclude_rows(snapshot=other, records=[record], reason="No", by=None)


@pytest.mark.parametrize(
    "fields", [{}, {"post_id": 1, "subject": "00000000-0000-0000-0000-000000000001"}]
)
def test_an_exclusion_is_of_a_post_or_of_a_person(fields):
    with pytest.raises(IntegrityError, match="exclusion_of_post_or_person"):
        Exclusion.objects.create(name="words", reason="No", **fields)


def test_who_erases_asks_for_the_disk_to_be_seen_to(words, bob):
    VacuumRequest.objects.all().delete()
    withdraw(bob)
    erase_revoked()
    assert list(VacuumRequest.objects.values_list("tables", "done_at")) == [("files", None)]


def test_parquet_rows_are_read_back(words, bob):
    withdraw(bob)
    erase_revoked()
    shards = words.shards.filter(format="parquet").order_by("split", "number")
    rows = [
        row for shard in shards for row in pq.read_table(io.BytesIO(content_of(shard))).to_pylist()
    ]
    assert [row["id"] for row in rows] == [orjson.loads(line)["id"] for line in lines(words)]


def test_a_revision_number_is_there_once(words):
    with pytest.raises(IntegrityError, match="revision_number"):
        Revision.objects.create(
            snapshot=words, number=0, commit="", manifest_json=b"", signature=""
        )
