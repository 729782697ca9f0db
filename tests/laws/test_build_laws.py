"""Laws 8 and 10: the same bytes whatever the number of workers and their fate, and Redis is only a messenger."""

import itertools

import pytest
from django.core.cache import cache
from django.db.models import F

from config.celery import app
from consent.purposes import Purpose
from dataset_export.builds import executor
from dataset_export.builds.executor import (
    TaskNotAvailableError,
    advance_stage,
    process_next_task,
    process_task,
)
from dataset_export.builds.services import resume_build, start_build
from dataset_export.builds.stages.prepare import prepare
from dataset_export.models import BuildTask, RowProvenance, Snapshot, StagedPost
from posts.models import Post
from posts.text.entities import render
from tests.factories import grant, person, post, recipe, snapshot, withdraw
from tests.workers import celery_worker, kill, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = bytes(range(32))
POSTS = 1200


@pytest.fixture(autouse=True)
def small_ranges(settings) -> None:
    settings.BUILD_TASK_POSTS = 50
    settings.BUILD_REQUEUE_AFTER_SECONDS = 1


@pytest.fixture(autouse=True)
def empty_broker() -> None:
    app.control.purge()


@pytest.fixture
def corpus() -> None:
    """Posts of six people, of whom one has said no; copies and mentions among them."""
    people = [person() for _ in range(6)]
    texts = (
        f"Note {number % 400} for @{people[number % 6].username}: bread & time"
        for number in itertools.count()
    )
    Post.objects.bulk_create(
        Post(author=people[number % 6], text=text, html=render(text))
        for number, text in zip(range(POSTS), texts, strict=False)
    )
    for someone in people:
        grant(someone)
    withdraw(people[0])


def started(name: str) -> Snapshot:
    return start_build(snapshot=snapshot(name, recipe=recipe(300), pseudonym_key=SECRET))


def finished(made: Snapshot) -> Snapshot:
    wait_until(
        lambda: not Snapshot.objects.building().filter(pk=made.pk).exists(), f"the build of {made}"
    )
    made.refresh_from_db()
    assert made.state == "in_review", made.error
    return made


def built_here(name: str = "here") -> Snapshot:
    return built_through(started(name))


def built_through(made: Snapshot) -> Snapshot:
    while process_next_task(made.pk):
        pass
    return finished(made)


def fingerprint(made: Snapshot) -> tuple:
    """All of a snapshot that must not depend on who built it."""
    manifest = {
        key: value for key, value in made.manifest.items() if key not in ("name", "created_at")
    }
    rows = RowProvenance.objects.filter(snapshot=made).order_by("split", "shard_number", "row")
    return manifest, list(rows.values_list("post_id", "consent_position", F("salt"), "leaf_hash"))


def test_the_same_bytes_with_one_worker_and_with_three(corpus, tmp_path):
    # With the sweep, as on a site: a message that is lost is sent again.
    with celery_worker(tmp_path, beat=True):
        one = fingerprint(finished(started("one")))
    with celery_worker(tmp_path, "many", processes=3, beat=True):
        three = fingerprint(finished(started("three")))
    assert one == three
    assert one[0]["counts"]["kept"] > 300
    assert len(one[0]["shards"]) >= 4


def test_the_same_bytes_with_a_worker_killed_midway(corpus, tmp_path):
    undisturbed = fingerprint(built_here())
    made = started("killed")
    with celery_worker(tmp_path, "doomed", processes=2) as worker:
        wait_until(lambda: made.tasks.filter(done_at__isnull=False).exists(), "a range")
        kill(worker)
    assert Snapshot.objects.building().filter(pk=made.pk).exists()
    with celery_worker(tmp_path, "heir", beat=True):
        assert fingerprint(finished(made)) == undisturbed


def test_the_same_bytes_in_any_order_of_work(corpus):
    undisturbed = fingerprint(built_here())
    made = started("backwards")
    while Snapshot.objects.building().filter(pk=made.pk).exists():
        last = made.tasks.filter(done_at__isnull=True).order_by("-pk").first()
        process_task(last.pk)
    assert fingerprint(finished(made)) == undisturbed


def test_redis_may_be_flushed_between_any_two_steps(corpus, tmp_path):
    undisturbed = fingerprint(built_here())
    made = started("flushed")
    flush()
    assert made.tasks.filter(queued_at__isnull=False).exists()
    with celery_worker(tmp_path, beat=True):
        for done in (2, 26):
            wait_until(
                lambda done=done: made.tasks.filter(done_at__isnull=False).count() >= done,
                f"{done} ranges",
            )
            flush()
        assert fingerprint(finished(made)) == undisturbed


def flush() -> None:
    # Only this test's own database: other tests have theirs on the same server, with messages in them.
    cache._cache.get_client(write=True).flushdb()


def test_nothing_acknowledged_is_lost_when_redis_is_flushed(client, alice, bob):
    """Sign-in, post, reply, like, follow, consent: each is there after each flush."""
    client.force_login(alice)
    flush()
    client.post("/compose", {"text": "Kept"})
    flush()
    kept = Post.objects.get(text="Kept")
    client.post(f"/compose?reply_to={kept.pk}", {"text": "Kept too"})
    flush()
    client.post(f"/posts/{kept.pk}/like")
    flush()
    client.post("/@bob/follow")
    flush()
    yes = {
        "decision": "granted",
        "covers": "everything",
        "adult": "on",
        "notice": "pretraining/1/en",
    }
    client.get("/settings/training")
    client.post("/settings/training/pretraining", yes)
    flush()
    page = client.get("/").content.decode()
    assert "Kept too" in page
    kept.refresh_from_db()
    assert (kept.like_count, kept.reply_count) == (1, 1)
    assert alice.follows.filter(followed=bob).exists()
    assert built_here().manifest["counts"]["kept"] == 2


def test_a_range_that_fails_leaves_nothing_and_is_done_again(corpus, monkeypatch):
    made = started("stumbled")
    first = made.tasks.order_by("pk").first()

    def fail_at_the_end(part: BuildTask) -> None:
        prepare(part)
        raise OSError("No space left on device")

    monkeypatch.setitem(executor.STAGE_HANDLERS, "prepare", fail_at_the_end)
    process_task(first.pk)
    assert not StagedPost.objects.filter(snapshot=made).exists()
    first.refresh_from_db()
    assert (first.attempts, first.error) == (1, "OSError: No space left on device")
    monkeypatch.undo()
    assert fingerprint(built_through(made)) == fingerprint(built_here("straight"))


def test_two_that_reach_for_one_range_do_it_once(corpus):
    made = started("twice")
    first = made.tasks.order_by("pk").first()
    process_task(first.pk)
    with pytest.raises(TaskNotAvailableError):
        process_task(first.pk)
    assert StagedPost.objects.filter(snapshot=made).count() == len(
        set(StagedPost.objects.filter(snapshot=made).values_list("post_id", flat=True))
    )


def test_after_three_failures_the_build_fails_with_the_reason_and_can_go_on(corpus, monkeypatch):
    made = started("broken")

    def break_down(part: BuildTask) -> None:
        StagedPost.objects.all().delete()
        raise OSError("No space left on device")

    monkeypatch.setitem(executor.STAGE_HANDLERS, "deduplicate", break_down)
    while process_next_task(made.pk):
        advance_stage(made.pk)
    made.refresh_from_db()
    assert made.state == "failed"
    assert "No space left on device" in made.error
    assert "Find exact duplicates" in made.error
    monkeypatch.undo()
    resume_build(snapshot=made)
    assert built_through(made).manifest["counts"]["kept"] > 300


def test_a_late_post_below_the_watermark_cannot_appear(alice):
    grant(alice)
    post(alice, "in")
    made = started("early")
    post(alice, "out")
    assert built_through(made).manifest["counts"]["candidates"] == 1
    assert made.purpose == Purpose.PRETRAINING
