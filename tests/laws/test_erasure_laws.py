"""Law 7 across processes: rewrites that are killed are done again, two at once are one."""

import itertools

import orjson
import pytest

from common.advisory_locks import AdvisoryLock
from common.task_names import TaskName
from config.celery import app
from dataset_export.builds.locks import TaskNotAvailableError, session_lock
from dataset_export.builds.services import start_build
from dataset_export.eligibility import has_revoked_rows, revoked_records
from dataset_export.erasure.affected_shards import shards_to_rewrite
from dataset_export.erasure.rewrite_shard import content_of
from dataset_export.erasure.services import erase_from
from dataset_export.erasure.tasks import erase_revoked_task
from dataset_export.models import Removal, Revision, ShardChunk, ShardRewrite, Snapshot
from dataset_export.pipeline.shards import read_jsonl_shard
from posts.models import Post
from posts.text.entities import render
from tests.dataset_export.snapshots import published
from tests.factories import grant, person, recipe, snapshot, withdraw
from tests.threads import together
from tests.workers import celery_worker, kill, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = bytes(range(32))
POSTS = 400
WORDS = ("bread", "time", "salt", "oven", "rye", "stone", "mill", "river", "night", "hands", "door")


@pytest.fixture(autouse=True)
def empty_broker() -> None:
    app.control.purge()


@pytest.fixture
def people() -> list:
    """Four people whose posts are in turn, and say yes."""
    people = [person() for _ in range(4)]
    Post.objects.bulk_create(
        Post(author=people[number % 4], text=text, html=render(text))
        for number, text in zip(range(POSTS), texts(), strict=False)
    )
    for someone in people:
        grant(someone)
    return people


def texts():
    """Yield texts that share words and differ in a number, so that none is taken for another's copy."""
    for number, words in enumerate(itertools.permutations(WORDS, 7)):
        yield f"{' '.join(words)} {number * 7919}"


def many_shards(name: str) -> Snapshot:
    return published(name, recipe=recipe(8), pseudonym_key=SECRET)


def state(made: Snapshot) -> tuple:
    """All that must not depend on who erased, or how often it was begun."""
    made.refresh_from_db()
    manifest = made.manifest
    removals = Removal.objects.filter(snapshot=made).order_by("split", "shard_number", "row")
    return (
        [
            entry | {"sha256": content_of(made.shards.get(path=entry["path"]))}
            for entry in manifest["shards"]
        ],
        manifest["merkle_root"],
        manifest["removals"]["by_reason"],
        manifest["revision"]["number"],
        list(removals.values_list("row_id", "leaf_hash", "reason", "revision")),
        list(made.provenance.order_by("post_id").values_list("post_id", "salt", "removed_in")),
    )


def test_a_killed_rewrite_is_done_again_with_the_same_end(people, tmp_path):
    undisturbed, made = many_shards("undisturbed"), many_shards("killed")
    assert made.shards.count() > 60
    withdraw(people[0])
    with celery_worker(tmp_path, "doomed") as worker:
        app.send_task(TaskName.ERASURE_ERASE_REVOKED)
        wait_until(
            lambda: ShardRewrite.objects.filter(shard__snapshot=made).count() >= 6,
            "some rewritten shards",
        )
        kill(worker)
    assert made.revisions.count() == 1
    assert shards_to_rewrite(made)
    assert all(
        has_revoked_rows(shard)
        for shard in made.shards.filter(pk__in=ShardRewrite.objects.values("shard"))
    )
    with celery_worker(tmp_path, "heir", beat=True):
        wait_until(lambda: made.revisions.count() == 2, "the revision")
    assert state(made) == state(undisturbed)
    assert not ShardRewrite.objects.exists()
    assert ShardChunk.objects.filter(shard__snapshot=made).count() == made.shards.count()


def test_two_workers_at_once_sign_one_revision(people):
    made = many_shards("twice")
    withdraw(people[0])
    outcomes = together([lambda: erase_from(made.pk)] * 3)
    assert [type(outcome) for outcome in outcomes].count(Revision) == 1
    assert {type(outcome) for outcome in outcomes} <= {Revision, TaskNotAvailableError, type(None)}
    assert list(made.revisions.order_by("number").values_list("number", "removed_rows")) == [
        (0, 0),
        (1, POSTS // 4),
    ]


def test_a_snapshot_that_somebody_works_on_is_passed_over(people):
    made = many_shards("held")
    withdraw(people[0])

    def erase_meanwhile() -> None:
        with pytest.raises(TaskNotAvailableError):
            erase_from(made.pk)
        erase_revoked_task()

    with session_lock(AdvisoryLock.ERASURE, made.pk):
        assert together([erase_meanwhile]) == [None]
    assert made.revisions.count() == 1


def test_withdrawals_while_workers_erase_end_in_files_without_any_of_the_rows(people, tmp_path):
    made = many_shards("meanwhile")
    withdraw(people[0])
    with celery_worker(tmp_path, processes=2, beat=True):
        wait_until(
            lambda: ShardRewrite.objects.exists() or made.revisions.count() > 1, "the beginning"
        )
        withdraw(people[1])
        wait_until(lambda: not revoked_records(made).exists(), "the end")
    made.refresh_from_db()
    rows = [
        orjson.loads(line)
        for shard in made.shards.filter(format="jsonl")
        for line in read_jsonl_shard(content_of(shard))
    ]
    gone = set(
        Removal.objects.filter(snapshot=made, revision__isnull=False).values_list(
            "row_id", flat=True
        )
    )
    assert len(gone) == POSTS // 2
    assert len(rows) == POSTS // 2
    assert not gone & {row["id"] for row in rows}


def test_withdrawals_while_workers_build_end_in_files_without_any_of_the_rows(
    people, tmp_path, settings
):
    settings.BUILD_TASK_POSTS = 20
    made = start_build(snapshot=snapshot("underway", recipe=recipe(8), pseudonym_key=SECRET))
    with celery_worker(tmp_path, processes=2, beat=True):
        for someone, stages in ((people[0], 1), (people[1], 2)):
            wait_until(
                lambda n=stages: made.tasks.values("stage").distinct().count() > n,
                "a further stage",
            )
            withdraw(someone)
        wait_until(lambda: not Snapshot.objects.building().filter(pk=made.pk).exists(), "the build")
        wait_until(lambda: not revoked_records(made).exists(), "the end")
    made.refresh_from_db()
    assert made.state == Snapshot.State.IN_REVIEW, made.error
    assert not made.tasks.filter(error__gt="").exists()
    withdrawn = Post.objects.filter(author__in=people[:2]).values("pk")
    assert not made.provenance.filter(removed_in__isnull=True, post_id__in=withdrawn).exists()
    assert made.provenance.filter(removed_in__isnull=True).count() == POSTS // 2
    assert not made.staged_posts.exists()
