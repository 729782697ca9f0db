"""What a draft would come to, and how little is read to say so."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dataset_export.builds import estimates
from dataset_export.builds.estimates import (
    GUESSED_POSTS_A_SECOND,
    consenting_users,
    estimate,
    estimated_posts,
)
from dataset_export.eligibility import exportable_posts
from dataset_export.models import BuildTask
from posts.models import Post
from tests.dataset_export.snapshots import built
from tests.dataset_export.test_admin import SNAPSHOTS, browser_of
from tests.factories import grant, person, post, snapshot, withdraw

POSTS = 600


@pytest.fixture
def busy(alice, bob) -> None:
    """A site of many posts, half of which are shared."""
    grant(alice)
    texts = [
        Post(author=alice if number % 2 else bob, text="Bread. " * 40, html="")
        for number in range(POSTS)
    ]
    Post.objects.bulk_create(texts)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Post._meta.db_table}")


def test_a_small_site_is_counted(busy):
    assert (
        estimated_posts("pretraining")
        == (exportable_posts("pretraining").count(), True)
        == (POSTS // 2, True)
    )
    assert estimated_posts("evaluation") == (0, True)


def test_of_a_large_site_a_sample_is_looked_at(busy, monkeypatch):
    monkeypatch.setattr(estimates, "SAMPLE_POSTS", 200)
    posts, is_exact = estimated_posts("pretraining")
    assert not is_exact
    assert posts == pytest.approx(POSTS / 2, rel=0.2)
    assert estimated_posts("pretraining") == (posts, False)


@pytest.mark.parametrize("sample", [50, 200])
def test_no_more_posts_are_read_than_the_sample(busy, monkeypatch, sample):
    """Each id that goes to the gate was drawn, and no query counts or lists all posts."""
    monkeypatch.setattr(estimates, "SAMPLE_POSTS", sample)
    asked = []
    gate = exportable_posts("pretraining")
    monkeypatch.setattr(type(gate), "count", lambda posts: asked.append(posts.query) or 0)
    with CaptureQueriesContext(connection) as queries:
        estimated_posts("pretraining")
    drawn = estimates.some_posts(POSTS)
    assert len(drawn) <= sample
    [query] = asked
    [ids] = [
        child.rhs for child in query.where.children if getattr(child, "lookup_name", "") == "in"
    ]
    assert list(ids) == drawn
    for entry in queries:
        assert any(bound in entry["sql"] for bound in ("LIMIT", "EXPLAIN", "consent_")), entry[
            "sql"
        ]


def test_people_who_say_yes_are_counted_once(alice, bob, charlie):
    for purpose in ("pretraining", "evaluation"):
        grant(alice, purpose)
    grant(bob)
    withdraw(bob)
    grant(charlie, "evaluation")
    assert (
        consenting_users("pretraining"),
        consenting_users("evaluation"),
        consenting_users("open_release"),
    ) == (
        1,
        2,
        0,
    )


def test_the_time_is_a_guess_until_a_build_can_tell(busy, monkeypatch):
    draft = snapshot("draft")
    guess = estimate(draft)
    assert (guess.builds, guess.seconds) == (0, POSTS / 2 / GUESSED_POSTS_A_SECOND)
    built("words")
    assert estimate(draft).builds == 0
    monkeypatch.setattr(estimates, "TELLING_POSTS", 100)
    told = estimate(draft)
    busy_time = sum(
        part.done_at.timestamp() - part.begun_at.timestamp() for part in BuildTask.objects.all()
    )
    assert (told.builds, told.seconds) == (1, pytest.approx(busy_time, rel=0.01))


def test_the_page_of_a_draft_says_it(alice):
    draft, builder = snapshot("draft"), browser_of("builder", "Snapshot builders")
    address = f"{SNAPSHOTS}/{draft.pk}/change/"
    assert "No posts: no one shares any for pretraining." in builder.get(address).content.decode()
    for number in range(3):
        post(alice, f"Number {number}")
    grant(alice)
    grant(person())
    page = builder.get(address).content.decode()
    assert "3 posts by up to 2 users, a few seconds." in page
    assert "The time is a guess" in page
