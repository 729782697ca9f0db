"""Law 7 before a dataset is finished: what is withdrawn leaves the build, wherever that stands, and is not written."""

import numpy as np
import orjson
import pytest
from django.db import transaction

from dataset_export.builds import executor
from dataset_export.builds.executor import process_next_task
from dataset_export.builds.locks import lock_staging_shared
from dataset_export.builds.partitions import BAND
from dataset_export.builds.services import cancel_build, pause_build, resume_build, start_build
from dataset_export.erasure.in_progress_builds import erase_staged
from dataset_export.erasure.rewrite_shard import content_of
from dataset_export.erasure.tasks import erase_revoked_task
from dataset_export.models import (
    DroppedPost,
    Exclusion,
    IntermediatePartition,
    RowProvenance,
    Shard,
    Snapshot,
    StagedPost,
    VacuumRequest,
)
from dataset_export.pipeline.recipe import CONVERSATIONS_DEFAULT
from dataset_export.pipeline.shards import read_jsonl_shard
from posts.models import Post
from posts.services import delete_post
from tests.factories import grant, post, recipe, snapshot, withdraw
from tests.threads import together

pytestmark = pytest.mark.django_db

Stage = Snapshot.Stage
AFTER_THE_FIRST = [stage for stage in Stage.values if stage not in (Stage.PREPARE, Stage.THREADS)]
SECRET = bytes(range(32))
TEXTS = (
    "fed the starter with rye before leaving for the train",
    "needs more salt than the recipe told us to take",
    "found an old tin with a drawing of a windmill",
    "says the oven has to be hotter than that today",
)


@pytest.fixture
def corpus(settings, alice, bob) -> None:
    """Four posts of each in turn, in ranges and shards of three, then what Bob says after Alice, nearly and exactly."""
    settings.BUILD_TASK_POSTS = 3
    for number, text in enumerate(TEXTS):
        post(alice, f"alice {number * 7 + 1} {text}")
        post(bob, f"bob {number * 11 + 2} {text}")
    post(bob, f"alice 1 {TEXTS[0]}")
    post(bob, f"alice 1 {TEXTS[0]} https://example.org")
    grant(alice)
    grant(bob)


def until(stage: str, name: str = "words", **fields) -> Snapshot:
    """Return a build that has come to a stage, and no further."""
    made = start_build(
        snapshot=snapshot(name, recipe=fields.get("recipe") or recipe(3), pseudonym_key=SECRET)
    )
    while made.stage != stage:
        assert process_next_task(made.pk)
        made.refresh_from_db()
    return made


def through(made: Snapshot) -> Snapshot:
    while process_next_task(made.pk):
        pass
    made.refresh_from_db()
    assert made.state == "in_review", made.error
    return made


def staged(made: Snapshot) -> set[int]:
    """Return every post of which a build has laid down text, hashes of text, or a row."""
    spilled = IntermediatePartition.objects.filter(snapshot=made, kind="bands").values_list(
        "data", flat=True
    )
    keys = {number for data in spilled for number in np.frombuffer(data, BAND)["id"].tolist()}
    tables = (StagedPost, RowProvenance)
    return keys.union(
        *(t.objects.filter(snapshot=made).values_list("post_id", flat=True) for t in tables)
    )


def rows(made: Snapshot) -> list[dict]:
    files = made.shards.filter(format=Shard.Format.JSON_LINES).order_by(
        "configuration", "split", "number"
    )
    return [orjson.loads(line) for file in files for line in read_jsonl_shard(content_of(file))]


def posts_of(author) -> set[int]:
    return set(Post.objects.filter(author=author).values_list("pk", flat=True))


def require_sums(made: Snapshot, **reasons: int) -> None:
    counts = made.manifest["counts"]
    dropped = {
        reason: posts for step in counts["dropped"].values() for reason, posts in step.items()
    }
    assert dropped == reasons
    assert counts["candidates"] == counts["kept"] + sum(reasons.values())


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        *(("paused", stage) for stage in AFTER_THE_FIRST),
        ("building", Stage.VERIFY),
        ("failed", Stage.FINISH),
    ],
)
def test_what_is_withdrawn_leaves_the_build_at_any_stage(corpus, alice, bob, stage, state):
    made = until(stage)
    if state == "paused":
        pause_build(snapshot=made)
    Snapshot.objects.filter(pk=made.pk).update(state=state)
    assert posts_of(alice) <= staged(made)
    withdraw(alice)
    erase_revoked_task()
    assert not posts_of(alice) & staged(made)
    if state != "building":
        resume_build(snapshot=made)
    through(made)
    assert not posts_of(alice) & staged(made)
    assert all(row["text"].startswith("bob") or "alice 1" in row["text"] for row in rows(made))
    # The copies of a text that is erased before they are compared stay in its place; later, they are out already.
    left_out_for_hers = {Stage.DEDUPLICATE: 1, Stage.MATCH: 1, Stage.VERIFY: 1}.get(stage, 2)
    assert len(rows(made)) == made.manifest["counts"]["kept"] == 6 - left_out_for_hers
    assert made.manifest["counts"]["dropped"]["erasure"] == {"withdrawn": 4}
    assert set(
        DroppedPost.objects.filter(snapshot=made, step="erasure").values_list("post_id", flat=True)
    ) == posts_of(alice)


def test_in_the_first_stage_it_leaves_what_is_done_and_then_the_rest(corpus, alice):
    made = start_build(snapshot=snapshot(recipe=recipe(3), pseudonym_key=SECRET))
    process_next_task(made.pk)
    withdraw(alice)
    erase_revoked_task()
    assert not posts_of(alice) & staged(made)
    while made.stage == Stage.PREPARE:
        process_next_task(made.pk)
        made.refresh_from_db()
    # The ledger counts as it was when the build began.
    assert posts_of(alice) & staged(made)
    erase_revoked_task()
    assert not posts_of(alice) & staged(made)
    assert through(made).manifest["counts"]["dropped"]["erasure"] == {"withdrawn": 4}


def test_the_rest_is_what_it_would_have_been(corpus, alice):
    """Rows of others are the same to the byte, whether a build was touched or not."""
    undisturbed = {row["id"]: row for row in rows(through(until(Stage.WRITE, "undisturbed")))}
    made = until(Stage.FINISH)
    assert all(part.done_at for part in made.tasks.filter(stage=Stage.WRITE))
    withdraw(alice)
    erase_staged()
    made.refresh_from_db()
    assert made.stage == Stage.WRITE
    through(made)
    assert all(undisturbed[row["id"]] == row for row in rows(made))
    assert len(rows(made)) == len(undisturbed) - 4
    require_sums(made, withdrawn=4, duplicate=1, near_duplicate=1)


def test_a_deleted_post_leaves_a_build_that_is_paused(corpus, alice):
    made = until(Stage.VERIFY)
    pause_build(snapshot=made)
    doomed = Post.objects.filter(author=alice).order_by("pk")[1]
    number = doomed.pk
    delete_post(post=doomed)
    erase_revoked_task()
    assert number not in staged(made)
    resume_build(snapshot=made)
    require_sums(through(made), withdrawn=1, duplicate=1, near_duplicate=1)


def test_what_a_reviewer_leaves_out_goes_for_that_reason(corpus, bob):
    made = until(Stage.SELECT)
    left_out = Post.objects.filter(author=bob).order_by("pk").first()
    Exclusion.objects.create(name=made.name, post_id=left_out.pk, reason="Not bread")
    erase_staged()
    assert left_out.pk not in staged(made)
    require_sums(through(made), excluded=1, duplicate=1, near_duplicate=1)


def test_a_yes_and_what_others_do_touch_nothing(corpus, alice, bob):
    made = until(Stage.WRITE)
    before = staged(made)
    withdraw(bob, "evaluation")
    grant(alice)
    post(bob, "something new")
    VacuumRequest.objects.all().delete()
    erase_staged()
    assert staged(made) == before
    assert not VacuumRequest.objects.exists()


@pytest.mark.parametrize("stage", [Stage.THREADS, Stage.WRITE, Stage.FINISH])
@pytest.mark.parametrize("configurations", [["conversations"], ["posts", "conversations"]])
def test_a_conversation_goes_as_a_whole(alice, bob, charlie, stage, configurations):
    grant(alice)
    grant(bob)
    grant(charlie)
    for author in (alice, bob):
        question = post(author, f"{author} asks how long the dough has to rest")
        answer = post(charlie, f"carol answers {author} that a night is enough", reply_to=question)
        post(bob, f"bob thanks carol for what she told {author}", reply_to=answer)
    steps = [step for step in CONVERSATIONS_DEFAULT["steps"] if step["step"] != "split"]
    data = {**CONVERSATIONS_DEFAULT, "steps": steps, "configurations": configurations}
    made = until(stage, recipe=recipe(3, data))
    withdraw(alice)
    erase_staged()
    assert not posts_of(alice) & staged(made)
    through(made)
    conversations = [row for row in rows(made) if "messages" in row]
    assert [
        [message["content"].split()[0] for message in row["messages"]] for row in conversations
    ] == [["bob", "carol", "bob"]]
    if configurations == ["conversations"]:
        require_sums(made, withdrawn=1, broken_thread=2)
    else:
        require_sums(made, withdrawn=1)
        assert made.manifest["counts"]["kept"] == 5


@pytest.mark.django_db(transaction=True)
def test_workers_are_waited_for(corpus, alice, monkeypatch):
    monkeypatch.setattr("dataset_export.builds.locks.WORKERS_TIMEOUT", "100ms")
    made = until(Stage.WRITE)
    withdraw(alice)

    def erase_while_somebody_works(part) -> None:
        together([erase_staged])
        assert posts_of(alice) <= staged(made)
        monkeypatch.undo()
        executor.STAGE_HANDLERS[part.stage](part)

    monkeypatch.setitem(executor.STAGE_HANDLERS, Stage.WRITE, erase_while_somebody_works)
    process_next_task(made.pk)
    assert not made.tasks.filter(error__gt="").exists()
    erase_staged()
    assert not posts_of(alice) & staged(made)
    through(made)


@pytest.mark.django_db(transaction=True)
def test_a_build_that_fails_to_let_go_does_not_hold_up_others(corpus, alice, monkeypatch):
    monkeypatch.setattr("dataset_export.builds.locks.WORKERS_TIMEOUT", "100ms")
    held, free = until(Stage.MATCH, "held"), until(Stage.MATCH, "free")
    withdraw(alice)
    with transaction.atomic():
        lock_staging_shared(held.pk)
        together([erase_staged])
    assert posts_of(alice) <= staged(held)
    assert not posts_of(alice) & staged(free)
    cancel_build(snapshot=held)
