"""What can be done with a snapshot in which state, and by whom."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from dataset_export.builds import executor, services
from dataset_export.builds.executor import process_next_task
from dataset_export.builds.services import SnapshotError, create_snapshot, start_build
from dataset_export.builds.stages.prepare import prepare
from dataset_export.builds.tasks import resume_builds
from dataset_export.eligibility import revoked_records
from dataset_export.models import BuildTask, RowProvenance, Shard, Snapshot, StagedPost
from dataset_export.publication.services import (
    approve_and_publish,
    reject_snapshot,
    withdraw_snapshot,
)
from posts.models import Post
from tests.dataset_export.snapshots import built, in_state, published
from tests.factories import grant, person, post, recipe, snapshot, withdraw
from tests.threads import together

SERVICES = {
    "start": lambda made, by: services.start_build(snapshot=made),
    "pause": lambda made, by: services.pause_build(snapshot=made),
    "resume": lambda made, by: services.resume_build(snapshot=made),
    "cancel": lambda made, by: services.cancel_build(snapshot=made),
    "approve": lambda made, by: approve_and_publish(
        snapshot=made, by=by, manifest_sha256=made.manifest_sha256
    ),
    "reject": lambda made, by: reject_snapshot(snapshot=made, by=by, reason="Too little"),
    "withdraw": lambda made, by: withdraw_snapshot(snapshot=made),
}
# service: the states in which it may be asked for, and the state that it leads to
ALLOWED = {
    "start": ({"draft"}, "building"),
    "pause": ({"building"}, "paused"),
    "resume": ({"failed", "paused"}, "building"),
    "cancel": ({"draft", "building", "paused", "failed"}, "cancelled"),
    "approve": ({"in_review"}, "published"),
    "reject": ({"in_review"}, "cancelled"),
    "withdraw": ({"published", "superseded"}, "withdrawn"),
}


@pytest.fixture
def corpus(alice, bob) -> None:
    for author in (alice, bob):
        for number in range(3):
            post(author, f"The words of {author}, number {number} of some about bread.")
        grant(author)


def everything(made: Snapshot) -> tuple:
    """All that an act might change."""
    tables = (BuildTask, StagedPost, Shard, RowProvenance)
    return (
        Snapshot.objects.filter(pk=made.pk).values().get(),
        *(list(table.objects.filter(snapshot=made).order_by("pk").values()) for table in tables),
    )


def put(made: Snapshot, state: str) -> None:
    at = timezone.now()
    Snapshot.objects.filter(pk=made.pk).update(state=state, approved_at=at, published_at=at)
    if state == "draft":
        made.tasks.all().delete()
    made.refresh_from_db()


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_in_each_state(corpus, service):
    states, result = ALLOWED[service]
    reviewer, made = person("reviewer"), built()
    outcomes = {}
    for state in Snapshot.State.values:
        with transaction.atomic():
            put(made, state)
            before = everything(made)
            if state in states:
                SERVICES[service](made, reviewer)
                made.refresh_from_db()
                outcomes[state] = made.state
            else:
                with pytest.raises(SnapshotError, match=str(made)):
                    SERVICES[service](made, reviewer)
                assert everything(made) == before, state
            transaction.set_rollback(True)
    assert outcomes == dict.fromkeys(states, result)


def approve(made: Snapshot, by: User, digest: str | None = None) -> None:
    approve_and_publish(
        snapshot=made, by=by, manifest_sha256=made.manifest_sha256 if digest is None else digest
    )


@pytest.mark.parametrize(
    "fields", [{}, {"is_superuser": True, "is_staff": True}], ids=["builder", "superuser"]
)
def test_nobody_approves_what_they_made(corpus, fields):
    maker = person("maker", **fields)
    made = built(by=maker)
    with pytest.raises(SnapshotError, match="second person"):
        approve(made, maker)
    made.refresh_from_db()
    assert (made.state, made.approved_by) == ("in_review", None)
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Snapshot.objects.filter(pk=made.pk).update(approved_by=maker)


def test_an_approval_notes_who_and_when(corpus):
    reviewer = person("reviewer")
    made = built(by=person("maker"))
    approve(made, reviewer)
    made.refresh_from_db()
    assert (made.state, made.approved_by) == ("published", reviewer)
    assert made.approved_at == made.published_at
    assert abs((timezone.now() - made.published_at).total_seconds()) < 60


@pytest.mark.parametrize("digest", ["", "0" * 64, "nonsense"])
def test_only_what_was_looked_at_is_approved(corpus, digest):
    made = built()
    with pytest.raises(SnapshotError, match="changed since"):
        approve(made, person(), digest)


def test_a_manifest_that_changed_meanwhile_is_not_approved(corpus):
    made = built()
    Snapshot.objects.filter(pk=made.pk).update(manifest_json=bytes(made.manifest_json) + b"\n")
    with pytest.raises(SnapshotError, match="changed since"):
        approve(made, person())


@pytest.mark.parametrize("change", ["account", "post", "deleted", "suspended", "narrowed"])
def test_rows_that_may_not_be_used_any_more_block_the_approval(corpus, alice, change):
    made = built()
    mine = Post.objects.filter(author=alice).order_by("pk").first()
    rows = 1 if change in ("post", "deleted") else 3
    {
        "account": lambda: withdraw(alice),
        "post": lambda: withdraw(alice, post_id=mine.pk),
        "deleted": mine.delete,
        "suspended": lambda: User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now()),
        "narrowed": lambda: grant(alice, covers="from_now"),
    }[change]()
    with pytest.raises(SnapshotError, match=f"^{rows} row{'s' * (rows > 1)} may not be used"):
        approve(made, person())
    made.refresh_from_db()
    assert made.state == "in_review"


def test_a_no_of_others_or_for_others_does_not_block(corpus, alice, charlie):
    made = built()
    withdraw(alice, "evaluation")
    withdraw(charlie)
    approve(made, person())


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_the_same_moment_publish_once():
    alice = person("alice")
    post(alice)
    grant(alice)
    made = built(by=person("maker"))
    reviewers = [person(), person()]
    results = together([lambda one=one: approve(made, one) for one in reviewers])
    assert sorted(type(result) for result in results if result) == [SnapshotError], results
    made.refresh_from_db()
    assert made.approved_by == reviewers[results.index(None)]


@pytest.mark.django_db(transaction=True)
def test_an_approval_meets_a_withdrawal():
    """Whichever is first: nothing withdrawn is published and handed out."""
    alice = person("alice")
    post(alice)
    grant(alice)
    made = built()
    approval, _ = together([lambda: approve(made, person("reviewer")), lambda: withdraw(alice)])
    assert approval is None or isinstance(approval, SnapshotError), approval
    made.refresh_from_db()
    assert (made.state == "published") == (approval is None)
    assert revoked_records(made).count() == 1


@pytest.mark.django_db(transaction=True)
def test_revisions_made_at_the_same_moment_have_numbers_of_their_own():
    first = snapshot()
    made = together(
        [lambda: create_snapshot(name="words", purpose="pretraining", recipe=first.recipe, by=None)]
        * 5
    )
    assert sorted(one.version for one in made) == [2, 3, 4, 5, 6], made


def test_the_next_revision_takes_the_place_of_the_last(corpus, alice):
    first = published()
    assert (first.version, first.state) == (1, "published")
    second = built()
    first.refresh_from_db()
    assert (second.version, first.state) == (2, "published")
    approve(second, person())
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("superseded", "published")
    assert [one.version for one in Snapshot.objects.published()] == [2]


def test_an_older_revision_does_not_take_the_place_of_a_newer(corpus):
    older = built()
    newer = built()
    approve(newer, person())
    with pytest.raises(SnapshotError, match="newer"):
        approve(older, person())
    assert [one.version for one in Snapshot.objects.published()] == [2]


def test_the_database_holds_one_published_revision_of_a_name(corpus):
    published()
    second = built()
    with pytest.raises(IntegrityError, match="published_once"), transaction.atomic():
        Snapshot.objects.filter(pk=second.pk).update(state="published", approved_at=timezone.now())


def rows_of(made: Snapshot) -> dict[int, tuple[bytes, bytes]]:
    return {
        record.post_id: (bytes(record.salt), bytes(record.leaf_hash))
        for record in made.provenance.order_by("post_id")
    }


def test_pseudonyms_last_from_revision_to_revision_and_differ_from_name_to_name(corpus, alice):
    first = built()
    later = post(alice, "Something new under the sun.")
    second, other = built(), built("others")
    assert bytes(first.pseudonym_key) == bytes(second.pseudonym_key) != bytes(other.pseudonym_key)
    mine, theirs = rows_of(second), rows_of(other)
    assert rows_of(first) == {post_id: row for post_id, row in mine.items() if post_id != later.pk}
    assert mine.keys() == theirs.keys()
    assert not {salt for salt, _ in mine.values()} & {salt for salt, _ in theirs.values()}


def test_a_name_keeps_its_purpose(corpus):
    snapshot("words", "pretraining")
    with pytest.raises(SnapshotError, match="another name"):
        snapshot("words", "evaluation")
    assert Snapshot.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["", "Words", "two words", "-words", "wörds", "a/b", "a.b", "../a", "a\n", "x" * 61]
)
def test_names_that_are_no_addresses(name):
    with pytest.raises(ValidationError):
        Snapshot(
            name=name, purpose="pretraining", pseudonym_key=b"x", manifest_json=b"x"
        ).clean_fields(exclude=["recipe"])


def test_a_snapshot_is_built_for_its_purpose_only(corpus, alice, bob):
    grant(bob, "evaluation")
    made = built("tests", purpose="evaluation")
    assert set(made.provenance.values_list("subject", flat=True)) == {bob.consent_subject.pk}


def test_nobodys_posts_make_an_empty_snapshot(alice):
    post(alice)
    made = built()
    assert (made.manifest["counts"]["kept"], made.shards.count(), made.manifest["shards"]) == (
        0,
        0,
        [],
    )
    assert made.manifest["authors"] == 0


def test_cancelling_erases_what_was_laid_down(corpus):
    made = start_build(snapshot=snapshot(recipe=recipe(2)))
    while made.tasks.filter(stage="write", done_at__isnull=False).count() < 2:
        assert process_next_task(made.pk)
    assert StagedPost.objects.exists()
    assert made.shards.exists()
    services.cancel_build(snapshot=made)
    assert not StagedPost.objects.exists()
    assert not made.shards.exists()
    assert not made.provenance.exists()
    assert not process_next_task(made.pk)


@pytest.mark.django_db(transaction=True)
def test_a_range_under_way_while_the_build_is_cancelled_leaves_nothing(monkeypatch):
    alice = person("alice")
    post(alice)
    grant(alice)
    made = start_build(snapshot=snapshot())

    def cancel() -> None:
        services.cancel_build(snapshot=made)
        connection.close()

    def prepare_too_late(part: BuildTask) -> None:
        other = threading.Thread(target=cancel)
        other.start()
        other.join(30)
        prepare(part)

    monkeypatch.setitem(executor.STAGE_HANDLERS, "prepare", prepare_too_late)
    assert not process_next_task(made.pk)
    made.refresh_from_db()
    assert made.state == "cancelled"
    assert not StagedPost.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_build_that_meets_an_import_says_so_and_stays_a_draft(monkeypatch):
    monkeypatch.setattr(services, "WAIT_FOR_WRITERS", "100ms")
    made, alice = snapshot(), person("alice")

    def refused() -> None:
        with pytest.raises(SnapshotError, match="being imported"):
            start_build(snapshot=made)

    with transaction.atomic():
        post(alice)
        assert together([refused]) == [None]
    made.refresh_from_db()
    assert made.state == "draft"


@pytest.mark.django_db(transaction=True)
def test_people_can_post_while_a_build_is_planned(monkeypatch):
    made, alice = snapshot(), person("alice")
    posted = []

    def post_or_give_up() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        post(alice)

    monkeypatch.setattr(
        services, "plan_stage", lambda *_: posted.extend(together([post_or_give_up]))
    )
    start_build(snapshot=made)
    assert posted == [None]


def test_turning_down_says_who_and_why(corpus):
    made = built(by=person("maker"))
    reject_snapshot(snapshot=made, by=person("reviewer"), reason="Too few languages")
    made.refresh_from_db()
    assert (made.state, made.error) == ("cancelled", "Rejected by reviewer: Too few languages")
    assert not made.shards.exists()
    assert not made.provenance.exists()
    assert made.manifest["counts"]["kept"] > 0


def test_what_a_worker_left_of_a_cancelled_build_is_erased_later(corpus):
    made = in_state("cancelled")
    assert made.provenance.exists()
    resume_builds()
    assert not made.provenance.exists()
    assert not made.shards.exists()


def test_only_cancelled_builds_are_erased(corpus):
    made = built()
    resume_builds()
    assert made.provenance.exists()
