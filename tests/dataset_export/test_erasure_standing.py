"""Builds that stand still let go of the texts of people who said no meanwhile."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from dataset_export.building.work import help_build
from dataset_export.erasure.exclude import exclude_rows
from dataset_export.erasure.rewrite import content_of
from dataset_export.erasure.standing import GRACE, empty_standing_builds
from dataset_export.erasure.work import erase_withheld
from dataset_export.models import AuditEntry, BuildRange, Candidate, Drop, Record, Scrub, ShardPart, Snapshot, Spill
from dataset_export.pipeline.shards import read_lines
from dataset_export.services import pause_build, resume_build, start_build
from posts.services import delete_post
from tests.factories import grant, post, snapshot, withdraw

pytestmark = pytest.mark.django_db

LAID_DOWN = (Candidate, Spill, Drop, Record, ShardPart)


@pytest.fixture(autouse=True)
def small_ranges(settings) -> None:
    settings.BUILD_RANGE_POSTS = 2


@pytest.fixture
def begun(alice, bob) -> Snapshot:
    for author, text in (
        (alice, "The starter was fed with rye before the train left."),
        (bob, "Nobody knows why this crust goes soft in one night."),
        (alice, "Two loaves came out, one of them for the neighbour."),
    ):
        post(author, text)
    grant(alice)
    grant(bob)
    return start_build(snapshot=snapshot())


def go_on(made: Snapshot, stage: str) -> None:
    """Work on a build until it is at a stage and has done one range of it."""
    while not made.ranges.filter(stage=stage, done_at__isnull=False).exists():
        assert help_build(made.pk)


def stand_still(made: Snapshot, for_: timedelta = 2 * GRACE) -> None:
    pause_build(snapshot=made)
    moments = {name: F(name) - for_ for name in ("done_at", "begun_at", "queued_at", "failed_at")}
    BuildRange.objects.filter(snapshot=made).update(**moments)


def finished(made: Snapshot) -> Snapshot:
    resume_build(snapshot=made)
    while help_build(made.pk):
        pass
    made.refresh_from_db()
    assert made.is_in_review, made.error
    return made


def texts_of(made: Snapshot) -> str:
    files = made.shards.filter(format="jsonl")
    return b"\n".join(line for file in files for line in read_lines(content_of(file))).decode()


@pytest.mark.parametrize("stage", ["prepare", "write"])
def test_a_no_empties_a_build_that_stands_still(begun, alice, stage):
    go_on(begun, stage)
    stand_still(begun)
    marks = begun.post_watermark, begun.ledger_size
    assert empty_standing_builds() == []
    withdraw(alice)
    assert empty_standing_builds() == [begun.pk]
    assert not any(table.objects.exists() for table in LAID_DOWN)
    assert set(Scrub.objects.values_list("tables", flat=True)) == {"staging", "files"}
    begun.refresh_from_db()
    assert (begun.state, begun.stage, begun.post_watermark, begun.ledger_size) == ("paused", "prepare", *marks)
    entry = AuditEntry.objects.get(act="build_emptied")
    assert (entry.actor, entry.object_id) == ("", str(begun.pk))
    assert "alice" not in str(entry.detail)
    assert empty_standing_builds() == []


def test_an_emptied_build_comes_to_the_same_end(begun, alice, bob):
    go_on(begun, "write")
    stand_still(begun)
    withdraw(alice)
    empty_standing_builds()
    assert finished(begun).manifest["counts"]["candidates"] == 3
    erase_withheld()
    begun.refresh_from_db()
    assert "rye" not in texts_of(begun)
    assert "crust" in texts_of(begun)


ENDINGS = {
    "a post is deleted": lambda made, post: delete_post(post=post),
    "a post is for followers now": lambda made, post: (
        type(post).objects.filter(pk=post.pk).update(visibility="followers")
    ),
    "a reviewer leaves it out": lambda made, post: exclude_rows(
        snapshot=made, reason="Said so.", by=None, records=[Record(snapshot=made, post_id=post.pk)]
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_whatever_takes_a_post_away_does(begun, alice, ending):
    go_on(begun, "prepare")
    stand_still(begun)
    ENDINGS[ending](begun, alice.posts.earliest("pk"))
    assert empty_standing_builds() == [begun.pk]


def test_a_failed_build_is_emptied_too(begun, alice):
    go_on(begun, "prepare")
    stand_still(begun)
    Snapshot.objects.filter(pk=begun.pk).update(state="failed")
    withdraw(alice)
    assert empty_standing_builds() == [begun.pk]
    finished(begun)


def test_who_goes_on_soon_loses_nothing(begun, alice):
    go_on(begun, "write")
    stand_still(begun, for_=GRACE - timedelta(minutes=1))
    withdraw(alice)
    assert empty_standing_builds() == []
    assert Candidate.objects.exists()


def test_a_no_that_does_not_matter_empties_nothing(begun, alice, charlie):
    go_on(begun, "prepare")
    stand_still(begun)
    grant(alice, "evaluation")
    withdraw(alice, "evaluation")
    post(charlie)
    grant(charlie)
    withdraw(charlie)
    assert empty_standing_builds() == []


@pytest.mark.parametrize("state", [state for state in Snapshot.State.values if state not in ("paused", "failed")])
def test_no_other_build_is_touched(begun, alice, state):
    go_on(begun, "prepare")
    stand_still(begun)
    now = timezone.now()
    fields = {"manifest_json": b"{}", "approved_at": now} if state in ("approved", "published", "superseded") else {}
    fields |= {"manifest_json": b"{}"} if state == "in_review" else {}
    Snapshot.objects.filter(pk=begun.pk).update(state=state, **fields)
    withdraw(alice)
    assert empty_standing_builds() == []
    assert Candidate.objects.exists()
