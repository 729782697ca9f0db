"""The stages of a build that look at all posts at once, and what becomes of ranges whose workers fail."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import psycopg
import pytest
from django.db import connection

from common.advisory_locks import AdvisoryLock
from consent.purposes import Purpose
from dataset_export.builds import executor, planner
from dataset_export.builds.executor import advance_stage, process_next_task, process_task
from dataset_export.builds.locks import TaskNotAvailableError, claim_task, session_lock
from dataset_export.builds.services import (
    SnapshotError,
    cancel_build,
    create_snapshot,
    pause_build,
    resume_build,
    start_build,
)
from dataset_export.builds.stages import write
from dataset_export.builds.stages.write import OutputRow
from dataset_export.builds.tasks import resume_builds
from dataset_export.erasure.rewrite_shard import content_of
from dataset_export.models import (
    BuildTask,
    DroppedPost,
    IntermediatePartition,
    RowProvenance,
    Shard,
    Snapshot,
    StagedPost,
)
from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.recipe import CONVERSATIONS_DEFAULT, PRETRAINING_DEFAULT
from dataset_export.pipeline.shards import read_jsonl_shard
from dataset_export.pipeline.splits import split_of
from posts.models import Post
from tests.dataset_export.snapshots import built
from tests.factories import ALL_IN_TRAIN, grant, person, post, recipe, snapshot

pytestmark = pytest.mark.django_db

SENTENCE = "The ferry to the island leaves at dawn and comes back long after the lamps are lit"

LOCK = AdvisoryLock.BUILD_TASK


@pytest.fixture(autouse=True)
def small_ranges(settings) -> None:
    settings.BUILD_TASK_POSTS = 3


@pytest.fixture
def writer():
    someone = person()
    grant(someone)
    return someone


def with_options(**options):
    """Return the default recipe with other options of some steps; None leaves one out, as nothing does a split."""
    options = {"split": None, **options}
    steps = [{**step, **(options.get(step["step"]) or {})} for step in PRETRAINING_DEFAULT["steps"]]
    left = [step for step in steps if options.get(step["step"], {}) is not None]
    return recipe(data={**PRETRAINING_DEFAULT, "steps": left})


def rows(made: Snapshot) -> list[dict]:
    shards = Shard.objects.filter(snapshot=made, format=Shard.Format.JSON_LINES).order_by(
        "configuration", "split", "number"
    )
    return list(
        map(
            orjson.loads,
            itertools.chain.from_iterable(read_jsonl_shard(content_of(shard)) for shard in shards),
        )
    )


def reasons(made: Snapshot) -> dict[int, str]:
    return dict(DroppedPost.objects.filter(snapshot=made).values_list("post_id", "reason"))


def test_of_equal_and_of_nearly_equal_posts_the_earliest_stays_and_is_counted(writer):
    first = post(writer, SENTENCE)
    others = [post(writer, f"Something else entirely, number {number}") for number in range(4)]
    equal = post(writer, SENTENCE.upper())
    alike = post(writer, SENTENCE.replace("island", "harbour"))
    made = built()
    assert reasons(made) == {equal.pk: "duplicate", alike.pk: "near_duplicate"}
    assert set(
        DroppedPost.objects.filter(snapshot=made).values_list("duplicate_of", flat=True)
    ) == {first.pk}
    counts = {row["text"]: row["duplicate_count"] for row in rows(made)}
    assert counts[SENTENCE] == 3
    assert counts[others[0].text] == 1
    assert made.manifest["counts"]["dropped"] == {
        "exact_duplicates": {"duplicate": 1},
        "near_duplicates": {"near_duplicate": 1},
    }


def test_rows_lie_in_an_order_of_its_own_in_each_data_set(writer):
    posted = [
        post(writer, f"Entry number {number}: {'more ' * number}").text for number in range(12)
    ]
    one, other = ([row["text"] for row in rows(built(name))] for name in ("one", "other"))
    assert sorted(one) == sorted(other) == sorted(posted)
    assert len({tuple(order) for order in (one, other, posted, posted[::-1])}) == 4
    names = Pseudonyms(bytes(Snapshot.objects.get(name="one").pseudonym_key))
    for row in rows(Snapshot.objects.get(name="one")):
        record = RowProvenance.objects.get(
            snapshot__name="one", post_id=Post.objects.get(text=row["text"]).pk
        )
        assert row["consent"] == {
            "reference": names.consent(record.consent_position),
            "notice": "pretraining/1",
        }


def test_a_copy_of_a_near_copy_is_counted_with_the_text_that_stays(writer):
    words = SENTENCE.split()
    texts = [
        words,
        [*words[:3], "quiet", *words[3:]],
        [*words[:3], "quiet", *words[3:10], "slowly", *words[10:]],
    ]
    for each in texts:
        post(writer, " ".join(each))
    made = built()
    assert len(rows(made)) == 1
    assert rows(made)[0]["duplicate_count"] == 3


def test_copies_stay_where_a_recipe_does_not_look_for_them(writer):
    for _ in range(3):
        post(writer, SENTENCE)
    made = built(recipe=with_options(exact_duplicates=None, near_duplicates=None))
    assert [row["duplicate_count"] for row in rows(made)] == [1, 1, 1]
    assert not made.tasks.filter(stage__in=["deduplicate", "match", "verify"]).exists()


def test_no_author_has_more_posts_than_the_cap_and_the_earliest_stay(writer):
    other = person()
    grant(other)
    texts = ["Rain", "Tea with honey", "A heron by the weir", "The bakery is shut", "Night train"]
    mine = [post(writer, text) for text in texts]
    theirs = post(other, "A word of somebody else")
    made = built(recipe=with_options(author_cap={"posts": 2}))
    assert reasons(made) == dict.fromkeys((each.pk for each in mine[2:]), "author_cap")
    assert set(RowProvenance.objects.filter(snapshot=made).values_list("post_id", flat=True)) == {
        mine[0].pk,
        mine[1].pk,
        theirs.pk,
    }


def test_a_thread_is_in_one_split_in_every_revision(writer):
    for number in range(40):
        root = post(writer, f"Question number {number} about gardens: {'why ' * (number + 1)}")
        post(
            writer, f"Answer number {number} on what grows {'there ' * (number + 1)}", reply_to=root
        )
    held_out = with_options(
        split={"test": 0.2, "validation": 0.2}, near_duplicates=None, quality=None
    )
    first, second = (built(recipe=held_out) for _ in range(2))
    of_thread = {}
    for row in rows(first):
        of_thread.setdefault(row["thread"], set()).add(row["id"])
    assert all(len(ids) == 2 for ids in of_thread.values())
    splits = dict(RowProvenance.objects.filter(snapshot=first).values_list("post_id", "split"))
    assert splits == dict(
        RowProvenance.objects.filter(snapshot=second).values_list("post_id", "split")
    )
    assert set(splits.values()) == {"train", "test", "validation"}
    shares = {"test": 0.2, "validation": 0.2}
    assert all(
        split_of(found.thread_id or found.pk, shares) == splits[found.pk]
        for found in writer.posts.all()
    )
    assert {
        shard.path.split("/")[1].split("-")[0] for shard in first.shards.filter(format="parquet")
    } == set(splits.values())


def test_a_name_holds_out_what_it_has_held_out(writer):
    post(writer, "Held out or not")
    built(recipe=with_options(split={"test": 0.1, "validation": 0.1}))
    with pytest.raises(SnapshotError, match="would go into training"):
        snapshot(recipe=with_options(split={"test": 0.05, "validation": 0.1}))
    assert snapshot(recipe=with_options(split={"test": 0.2, "validation": 0.1}))
    assert snapshot("another", recipe=with_options(split=None))


def test_conversations_hold_only_what_everybody_in_them_shares(writer):
    other, silent = person(), person()
    for someone in (writer, other):
        grant(someone, purpose=Purpose.FINE_TUNING)
    root = post(writer, "Does anybody know a good place for soup?")
    answer = post(other, "The one by the bridge, on Fridays.", reply_to=root)
    thanks = post(writer, f"Thank you, @{other.username}!", reply_to=answer)
    quiet = post(silent, "No words of mine", reply_to=root)
    beneath = post(writer, "And what do you like there?", reply_to=quiet)
    alone = post(writer, "Nobody answers this one")
    whole = {**CONVERSATIONS_DEFAULT, "steps": CONVERSATIONS_DEFAULT["steps"][:-1]}
    made = built(purpose=Purpose.FINE_TUNING, recipe=recipe(data=whole))
    (row,) = rows(made)
    assert [message["content"] for message in row["messages"][:2]] == [root.text, answer.text]
    assert [message["reply_to"] for message in row["messages"]] == [None, 0, 1]
    assert row["messages"][0]["name"] == row["messages"][2]["name"] != row["messages"][1]["name"]
    assert other.username not in str(row)
    assert silent.username not in str(row)
    assert reasons(made) == {beneath.pk: "broken_thread", alone.pk: "no_conversation"}
    records = RowProvenance.objects.filter(snapshot=made).order_by("message")
    assert list(records.values_list("post_id", "row", "message")) == [
        (root.pk, 0, 0),
        (answer.pk, 0, 1),
        (thanks.pk, 0, 2),
    ]
    assert [bool(record.salt) for record in records] == [True, False, False]
    assert [shard.path.split("/")[0] for shard in made.shards.order_by("path")] == [
        *["conversations"] * 2,
        "proofs",
    ]
    assert made.manifest["counts"]["kept"] == 3


@pytest.mark.parametrize("configurations", [["posts", "conversations"], ["conversations", "posts"]])
def test_one_snapshot_may_have_both_configurations(writer, configurations):
    other = person()
    grant(other)
    root = post(writer, "Is the museum open on Mondays?")
    post(other, "Only in summer, and then until six.", reply_to=root)
    post(writer, "I have planted the beans at last.")
    made = built(recipe=recipe(data={**ALL_IN_TRAIN, "configurations": configurations}))
    assert sorted(
        RowProvenance.objects.filter(snapshot=made).values_list("configuration", flat=True)
    ) == [
        *["conversations"] * 2,
        *["posts"] * 3,
    ]
    assert made.manifest["counts"]["kept"] == 3
    assert reasons(made) == {}


def test_a_task_of_threads_has_whole_threads_and_few_posts(writer, monkeypatch):
    monkeypatch.setattr(planner, "POSTS_A_TASK_OF_THREADS", 3)
    for number, answers in enumerate((0, 5, 1, 0, 0, 0)):
        root = post(writer, f"Question number {number} about gardens")
        for answer in range(answers):
            post(writer, f"Answer {answer} to question {number}", reply_to=root)
    made = built(recipe=recipe(data=CONVERSATIONS_DEFAULT))
    tasks = made.tasks.filter(stage="threads").order_by("number")
    assert list(tasks.values_list("size", flat=True)) == [7, 2, 3]


def test_batches_are_bounded_by_posts_and_not_by_rows(monkeypatch):
    monkeypatch.setattr(write, "_POSTS_AT_ONCE", 5)
    rows_of_posts = [
        OutputRow(b"", b"", b"", [None] * posts) for posts in (1, 1, 1, 1, 1, 4, 4, 9, 2)
    ]
    assert [[len(row.sources) for row in batch] for batch in write.batches(rows_of_posts)] == [
        [1, 1, 1, 1, 1],
        [4, 4],
        [9],
        [2],
    ]


def test_shards_are_bounded_by_bytes_too(writer):
    rows_of_text = recipe(
        data={
            **PRETRAINING_DEFAULT,
            "steps": with_options(near_duplicates=None, quality=None).data["steps"],
        }
    )
    rows_of_text.data["shards"] = {"rows": 1000, "bytes": 2**20}
    rows_of_text.version += 1
    rows_of_text.pk = None
    rows_of_text.save()
    long = " ".join(f"{number:x}" for number in range(60_000))
    for number in range(5):
        post(writer, f"{number} {long}")
    made = built(recipe=rows_of_text)
    assert made.shards.filter(format="parquet", split="train").count() >= 2
    assert sum(shard.rows for shard in made.shards.filter(format="parquet")) == 5


def test_nothing_of_the_staging_is_left(writer):
    post(writer, SENTENCE)
    built()
    assert not StagedPost.objects.exists()
    assert not IntermediatePartition.objects.exists()


def test_a_paused_build_ends_what_it_has_begun_and_goes_on_when_told(writer):
    for number in range(7):
        post(writer, f"Note {number} of the day: {'so ' * number}")
    made = start_build(snapshot=snapshot())
    first, second, *_ = made.tasks.order_by("pk")
    pause_build(snapshot=made)
    with pytest.raises(TaskNotAvailableError):
        process_task(first.pk)
    advance_stage(made.pk)
    assert not made.tasks.filter(done_at__isnull=False).exists()
    resume_build(snapshot=made)
    process_task(second.pk)
    while process_next_task(made.pk):
        pass
    made.refresh_from_db()
    assert made.is_in_review


def test_a_paused_build_can_be_cancelled(writer):
    post(writer, SENTENCE)
    made = start_build(snapshot=snapshot())
    pause_build(snapshot=made)
    cancel_build(snapshot=made)
    made.refresh_from_db()
    assert made.state == "cancelled"


def test_what_a_worker_lays_down_for_a_cancelled_build_is_erased(writer):
    post(writer, SENTENCE)
    made = start_build(snapshot=snapshot())
    cancel_build(snapshot=made)
    IntermediatePartition.objects.create(
        snapshot=made, kind=IntermediatePartition.Kind.PAIRS, part=0, source=0, data=b"1"
    )
    resume_builds()
    assert not IntermediatePartition.objects.exists()


def test_a_stage_that_cannot_be_planned_fails_its_build_with_the_reason_and_no_other(
    writer, monkeypatch
):
    post(writer, SENTENCE)
    broken, sound = (
        start_build(snapshot=snapshot("broken")),
        start_build(snapshot=snapshot("sound")),
    )
    broken.tasks.update(done_at=broken.started_at)
    sound.tasks.update(queued_at=None)

    def lose(made: Snapshot) -> list[BuildTask]:
        raise LookupError("The recipe is from a newer version")

    monkeypatch.setitem(planner.CUTS, "deduplicate", lose)
    resume_builds()
    monkeypatch.undo()
    broken.refresh_from_db()
    assert (broken.state, broken.stage) == ("failed", "prepare")
    assert "LookupError: The recipe is from a newer version" in broken.error
    assert sound.tasks.get().queued_at is not None
    resume_build(snapshot=broken)
    while process_next_task(broken.pk):
        pass
    broken.refresh_from_db()
    assert broken.is_in_review


def test_pausing_is_refused_where_nothing_is_built(writer):
    with pytest.raises(SnapshotError, match="cannot be done"):
        pause_build(snapshot=snapshot())


def test_a_worker_that_died_is_counted_and_named(writer):
    post(writer, SENTENCE)
    made = start_build(snapshot=snapshot())
    part = made.tasks.get()
    for attempt in range(1, 4):
        BuildTask.objects.filter(pk=part.pk).update(
            begun_at=made.started_at, worker="far-away, process 12"
        )
        if attempt < 3:
            with held_elsewhere(f"build_task {part.pk}"):
                assert not process_next_task(made.pk)
            begin_only(part)
        else:
            with pytest.raises(TaskNotAvailableError):
                process_task(part.pk)
        part.refresh_from_db()
        assert part.attempts == attempt
        assert "far-away, process 12" in part.error
    made.refresh_from_db()
    assert made.state == "failed"
    assert "died without reporting an error" in made.error
    resume_build(snapshot=made)
    while process_next_task(made.pk):
        pass
    made.refresh_from_db()
    assert made.is_in_review


@contextmanager
def held_elsewhere(name: str) -> Iterator[None]:
    """Hold a lock as another worker's session does."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        yield
        other.execute("SELECT pg_advisory_unlock_all()")


def begin_only(part: BuildTask) -> None:
    """Begin a range and leave it, as a worker does that is stopped between two attempts."""
    with claim_task(part.pk):
        pass


def test_a_range_that_was_left_in_good_order_is_not_counted_as_failed(writer, monkeypatch):
    post(writer, SENTENCE)
    made = start_build(snapshot=snapshot())
    part = made.tasks.get()

    def interrupt(_: BuildTask) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(executor.STAGE_HANDLERS, "prepare", interrupt)
    with pytest.raises(KeyboardInterrupt):
        process_task(part.pk)
    monkeypatch.undo()
    process_task(part.pk)
    part.refresh_from_db()
    assert part.attempts == 0
    assert part.done_at is not None


def test_what_the_database_says_of_a_failure_is_kept_without_the_row(writer, monkeypatch):
    found = post(writer, SENTENCE)
    made = start_build(snapshot=snapshot())

    def break_a_rule(part: BuildTask) -> None:
        DroppedPost.objects.create(
            snapshot=part.snapshot, post_id=found.pk, step=SENTENCE[:30], reason=None
        )

    monkeypatch.setitem(executor.STAGE_HANDLERS, "prepare", break_a_rule)
    process_next_task(made.pk)
    error = made.tasks.get().error
    assert error.startswith("IntegrityError: null value in column")
    assert SENTENCE[:30] not in error


def test_a_lock_is_for_one_at_a_time_and_is_let_go(writer):
    with (
        held_elsewhere("build_task 7"),
        pytest.raises(TaskNotAvailableError),
        session_lock(LOCK, 7),
    ):
        pass
    with session_lock(LOCK, 7):
        pass
    with held_elsewhere("build_task 7"):
        pass


def test_create_snapshot_refuses_an_unknown_list(writer):
    made = create_snapshot(
        name="words",
        purpose=Purpose.PRETRAINING,
        recipe=with_options(decontaminate={"lists": ["gone"]}),
        by=None,
    )
    with pytest.raises(SnapshotError, match="lists that are not there: gone"):
        start_build(snapshot=made)
