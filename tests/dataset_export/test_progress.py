"""How far a build is, in numbers and words, and what failed on the way."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dataset_export.builds.executor import STAGE_HANDLERS, process_next_task
from dataset_export.builds.progress import failed_tasks, progress
from dataset_export.builds.services import pause_build, resume_build, start_build
from dataset_export.humanize import approximate_duration, approximate_number
from dataset_export.models import BuildTask, Snapshot
from tests.dataset_export.test_admin import SNAPSHOTS, browser_of
from tests.factories import grant, post, snapshot


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds"),
        (9.9, "a few seconds"),
        (14, "about 10 seconds"),
        (54, "about 50 seconds"),
        (55, "about 1 minute"),
        (119, "about 2 minutes"),
        (54 * 60, "about 54 minutes"),
        (59 * 60, "about 1 hour"),
        (3 * 3600, "about 3 hours"),
        (5_000 * 3600, "about 5,000 hours"),
    ],
)
def test_durations_in_words(seconds, words):
    assert approximate_duration(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (97, "97"),
        (1_234, "1,200"),
        (43_210, "43,000"),
        (999_999, "1 million"),
        (1_234_567, "1.2 million"),
        (12_345_678, "12 million"),
        (1_234_567_890, "1,200,000,000"),
    ],
)
def test_numbers_in_words(number, words):
    assert approximate_number(number) == words


@pytest.fixture
def building(db) -> Snapshot:
    return Snapshot.objects.get(pk=start_build(snapshot=snapshot()).pk)


def add_ranges(made: Snapshot, number: int, **fields) -> None:
    start = made.tasks.count()
    BuildTask.objects.bulk_create(
        BuildTask(snapshot=made, number=start + each, first_id=0, last_id=0, **fields)
        for each in range(number)
    )


@pytest.fixture
def halfway(building) -> Snapshot:
    """A build of which two ranges of 100 posts took ten seconds each, an hour ago, and three wait."""
    building.tasks.all().delete()
    then = timezone.now() - timedelta(hours=1)
    add_ranges(
        building, 2, stage="prepare", size=100, begun_at=then, done_at=then + timedelta(seconds=10)
    )
    add_ranges(building, 3, stage="prepare", size=100)
    Snapshot.objects.filter(pk=building.pk).update(stage="prepare", state="building")
    building.refresh_from_db()
    return building


def test_speed_and_time_left_do_not_mind_a_pause(halfway):
    stage = progress(halfway)[0]
    assert (stage.done, stage.total, stage.tasks_done, stage.tasks) == (200, 500, 2, 5)
    assert (stage.rate, stage.time_left) == (10.0, "about 30 seconds")


def test_workers_side_by_side_are_counted(halfway):
    open_ranges = halfway.tasks.filter(done_at__isnull=True).order_by("pk")[:2]
    halfway.tasks.filter(pk__in=open_ranges).update(begun_at=timezone.now())
    stage = progress(halfway)[0]
    assert (stage.at_work, stage.rate, stage.time_left) == (2, 20.0, "about 20 seconds")


def test_nothing_is_promised_before_anything_is_done(building):
    building.tasks.all().delete()
    add_ranges(building, 2, stage="prepare", size=100)
    Snapshot.objects.filter(pk=building.pk).update(stage="prepare")
    building.refresh_from_db()
    assert [(stage.rate, stage.time_left) for stage in progress(building)] == [(None, "")] * len(
        Snapshot.Stage
    )


def test_a_stage_that_is_through_says_how_long_it_took(halfway):
    then = timezone.now() - timedelta(minutes=30)
    halfway.tasks.update(begun_at=then, done_at=then + timedelta(minutes=2))
    Snapshot.objects.filter(pk=halfway.pk).update(stage="deduplicate")
    halfway.refresh_from_db()
    stage = progress(halfway)[0]
    assert (stage.time_taken, stage.time_left, stage.is_current) == ("about 2 minutes", "", False)
    assert stage.rate == pytest.approx(500 / 120)


def test_the_page_says_it_and_takes_as_many_queries_for_many_ranges(halfway):
    builder, counts = browser_of("builder", "Snapshot builders"), []
    address = f"{SNAPSHOTS}/{halfway.pk}/"
    for more in (0, 40):
        add_ranges(halfway, more, stage="prepare", size=1, attempts=1, error="OSError: full")
        with CaptureQueriesContext(connection) as queries:
            page = builder.get(f"{address}body/").content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "about 30 seconds left" in page
    assert "Pause the build" in page
    assert 'hx-trigger="every 1s"' in page
    assert f'href="{address}change/">Refresh now</a>' in page


def test_the_state_is_said_aloud_when_it_changes_and_not_before(halfway):
    builder = browser_of("builder", "Snapshot builders")
    body = f"{SNAPSHOTS}/{halfway.pk}/body/"
    assert "hx-swap-oob" not in builder.get(f"{body}?seen=building-prepare").content.decode()
    pause_build(snapshot=halfway)
    page = builder.get(f"{body}?seen=building-prepare").content.decode()
    assert 'hx-swap-oob="outerHTML"' in page
    assert "Paused" in page


def test_a_paused_page_looks_again_only_while_something_is_worked_on(halfway):
    builder = browser_of("builder", "Snapshot builders")
    pause_build(snapshot=halfway)
    body = f"{SNAPSHOTS}/{halfway.pk}/body/"
    assert "hx-get" not in builder.get(body).content.decode()
    halfway.tasks.filter(pk=halfway.tasks.latest("pk").pk).update(begun_at=timezone.now())
    page = builder.get(body).content.decode()
    assert "hx-get" in page
    assert "Running tasks are finishing" in page


def test_a_range_that_failed_once_is_told_of_for_good(alice, monkeypatch):
    post(alice)
    grant(alice)
    made = start_build(snapshot=snapshot())

    def full(part: BuildTask) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setitem(STAGE_HANDLERS, "prepare", full)
        process_next_task(made.pk)
    [failed] = failed_tasks(made)
    assert (failed.attempts, failed.error, failed.done_at) == (
        1,
        "OSError: No space left on device",
        None,
    )
    assert timezone.now() - failed.failed_at < timedelta(minutes=1)
    while process_next_task(made.pk):
        pass
    [mended] = failed_tasks(made)
    assert (mended.error, mended.failed_at) == (failed.error, failed.failed_at)
    assert mended.done_at > mended.failed_at
    page = (
        browser_of("builder", "Snapshot builders")
        .get(f"{SNAPSHOTS}/{made.pk}/change/")
        .content.decode()
    )
    assert "No space left on device" in page
    assert "1 of 3" in page
    assert "<td>Done</td>" in page


def test_after_a_failure_the_page_says_what_to_do(halfway):
    halfway.tasks.filter(done_at__isnull=True).update(attempts=3, error="OSError: full")
    Snapshot.objects.filter(pk=halfway.pk).update(
        state="failed", error="Prepare posts, range 2: OSError: full"
    )
    page = (
        browser_of("builder", "Snapshot builders")
        .get(f"{SNAPSHOTS}/{halfway.pk}/change/")
        .content.decode()
    )
    for words in (
        "What you can do",
        "Finished tasks are kept; only failed ones are retried.",
        "Resume the build",
        "Given up",
        "3 of 3",
    ):
        assert words in page
    resume_build(snapshot=Snapshot.objects.get(pk=halfway.pk))
    assert not failed_tasks(halfway)
