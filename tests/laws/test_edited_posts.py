"""Law 8 for posts that are edited: a dataset holds what a post said when its build began."""

import threading

import pytest
from django.db import connection, connections, transaction

from dataset_export.builds.executor import process_next_task
from dataset_export.builds.services import current_watermarks, initialize_build, start_build
from dataset_export.models import Snapshot, StagedPost
from posts.models import Post, PostVersion
from posts.services import PostContent, edit_post
from tests.factories import grant, person, post, recipe, snapshot
from tests.threads import together
from tests.workers import wait_until

pytestmark = pytest.mark.django_db

SECRET = bytes(range(32))
BEFORE = "The ferry to the island leaves at dawn and comes back after the lamps are lit."
AFTER = "The train to the mountain leaves at noon and never comes back before the snow falls."
LATER = "Nothing leaves on a Sunday, neither ferry nor train, so we walked along the old canal."


@pytest.fixture
def writer():
    someone = person()
    grant(someone)
    return someone


def through(made: Snapshot) -> Snapshot:
    while process_next_task(made.pk):
        pass
    made.refresh_from_db()
    assert made.state == Snapshot.State.IN_REVIEW, made.error
    return made


def texts(made: Snapshot) -> dict[int, str]:
    return dict(StagedPost.objects.filter(snapshot=made).values_list("post_id", "text"))


def edit(one: Post, text: str, **words: str) -> None:
    edit_post(post=one, words=PostContent(text, **words))


def shards(made: Snapshot) -> list[str]:
    return list(made.shards.order_by("pk").values_list("sha256", flat=True))


def drafted(name: str) -> Snapshot:
    return snapshot(name, recipe=recipe(), pseudonym_key=SECRET)


def prepare_all(made: Snapshot) -> dict[int, str]:
    """Do the first stage, after which the texts of the build stand beside it."""
    while made.tasks.filter(stage="prepare", done_at__isnull=True).exists():
        assert process_next_task(made.pk), made.tasks.get(stage="prepare").error
    return texts(made)


def test_an_edit_after_the_build_began_is_not_in_it(writer):
    mine, other = (
        post(writer, BEFORE),
        post(writer, "Another thing altogether, on bread and its slow rising."),
    )
    made = start_build(snapshot=drafted("words"))
    edit(mine, AFTER)
    edit(mine, LATER)
    assert prepare_all(made) == {mine.pk: BEFORE, other.pk: other.text}


def test_an_edit_before_the_build_began_is_in_it(writer):
    mine = post(writer, BEFORE)
    edit(mine, AFTER)
    made = start_build(snapshot=drafted("words"))
    assert prepare_all(made) == {mine.pk: AFTER}


def test_of_many_edits_the_one_that_held_counts(writer):
    mine = post(writer, BEFORE)
    edit(mine, AFTER)
    made = start_build(snapshot=drafted("words"))
    edit(mine, LATER)
    edit(mine, BEFORE)
    assert prepare_all(made) == {mine.pk: AFTER}


def test_the_same_bytes_whatever_was_edited_meanwhile(writer):
    posts = [
        post(writer, f"{BEFORE} It was day {number} of our stay.", language="en")
        for number in range(5)
    ]
    edit(posts[0], f"{AFTER} So it was.", language="en")
    marks = current_watermarks()
    undisturbed = through(initialize_build(drafted("one"), marks))
    for one in posts:
        edit(one, f"{LATER} On {one.pk}.", language="nl")
    again = through(initialize_build(drafted("two"), marks))
    assert shards(again) == shards(undisturbed)
    assert shards(through(start_build(snapshot=drafted("three")))) != shards(undisturbed)


def test_what_was_only_guessed_is_no_evidence_of_a_language(writer):
    """Else the detector would be told its own guess as the author's word."""
    guessed = post(writer, BEFORE)
    assert guessed.language == "en"
    guesses = []
    for name, language in [("guessed", "en"), ("unsaid", ""), ("said", "en")]:
        Post.objects.update(language=language, is_language_guessed=name == "guessed")
        made = start_build(snapshot=drafted(name))
        prepare_all(made)
        guesses.append(StagedPost.objects.get(snapshot=made).confidence)
    assert guesses[0] == guesses[1] < guesses[2]


def test_without_versions_a_range_costs_one_look_at_an_index(writer):
    post(writer, BEFORE)
    later = (
        PostVersion.objects.filter(post__gte=1, post__lte=2**62, pk__gt=0)
        .order_by("post_id", "pk")
        .distinct("post_id")
    )
    with connection.cursor() as cursor:
        # An empty table may be read in any way; the order must come from an index.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    assert "post_version_in_order" in later.explain()


@pytest.mark.django_db(transaction=True)
def test_an_edit_under_way_when_the_build_begins_is_wholly_before_it():
    """The watermark waits for the edit, whose version then has an id below it."""
    someone = person()
    grant(someone)
    mine = post(someone, BEFORE)
    edited, may_commit = threading.Event(), threading.Event()

    def slow_edit() -> None:
        with transaction.atomic():
            edit(mine, AFTER)
            edited.set()
            may_commit.wait(10)

    def take_marks() -> dict[str, int]:
        edited.wait(10)
        waiter = threading.Thread(target=let_go)
        waiter.start()
        marks = current_watermarks()
        waiter.join()
        return marks

    def let_go() -> None:
        wait_until(lambda: waiting_for_locks() > 0, "the watermark waits")
        may_commit.set()
        connections.close_all()

    _, marks = together([slow_edit, take_marks])
    version = PostVersion.objects.get()
    assert version.pk <= marks["version_watermark"]
    made = initialize_build(drafted("words"), marks)
    assert prepare_all(made) == {mine.pk: AFTER}


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]
