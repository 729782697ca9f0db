"""Many decisions at once, decisions while a build runs, and a clock that goes back."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from consent.models import ConsentEvent
from consent.notices import sync_default_notices
from consent.purposes import Purpose
from consent.services import withdraw_all
from consent.transparency_log.checkpoints import sign_checkpoint
from consent.transparency_log.verification import Verification
from dataset_export.builds.executor import process_next_task
from dataset_export.builds.services import SnapshotError, start_build
from dataset_export.eligibility import exportable_posts, revoked_records
from dataset_export.models import RowProvenance
from dataset_export.publication.services import approve_and_publish
from posts.models import Post
from tests.factories import grant, person, post, snapshot, withdraw
from tests.threads import SECONDS, together

PEOPLE = 20
# Of this database alone: others on the same server have locks of their own.
WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
"""


@pytest.mark.django_db(transaction=True)
def test_two_hundred_decisions_at_once_are_one_valid_log_without_a_gap():
    sync_default_notices()
    people = [person() for _ in range(PEOPLE)]

    def decide_ten_times(someone):
        def decide() -> None:
            for purpose in Purpose.values:
                grant(someone, purpose)
                withdraw(someone, purpose)
            for purpose in Purpose.values[:2]:
                grant(someone, purpose)

        return decide

    answers = together([decide_ten_times(someone) for someone in people])
    assert answers == [None] * PEOPLE
    positions = list(ConsentEvent.objects.order_by("position").values_list("position", flat=True))
    assert positions == list(range(10 * PEOPLE))
    sign_checkpoint()
    verification = Verification()
    assert list(verification.problems()) == []
    assert verification.events == 10 * PEOPLE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "say_no", [withdraw, lambda user: withdraw_all(user=user)], ids=["one", "all"]
)
def test_a_no_that_follows_a_waiting_yes_has_the_last_word(say_no):
    alice, bob = person("alice"), person("bob")
    post(alice)
    grant(alice)
    withdraw(alice)

    def waiting(number: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            return cursor.fetchone()[0] >= number

    with ThreadPoolExecutor(2) as pool:
        # Whoever has written into the ledger lets all others wait until the transaction ends.
        with transaction.atomic():
            grant(bob)
            yes = pool.submit(together, [lambda: grant(alice)])
            until(lambda: waiting(1))
            no = pool.submit(together, [lambda: say_no(alice)])
            until(lambda: no.done() or waiting(2))
        answers = [yes.result(SECONDS)[0], no.result(SECONDS)[0]]
    assert not any(isinstance(answer, Exception) for answer in answers)
    assert not exportable_posts("pretraining").filter(author=alice).exists()


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_a_build_keeps_to_its_position_while_people_change_their_minds(settings):
    settings.BUILD_TASK_POSTS = 5
    people = [person() for _ in range(PEOPLE)]
    for number, someone in enumerate(people):
        post(someone, f"Words of {number}")
        grant(someone)
    made = start_build(snapshot=snapshot())
    expected = set(
        exportable_posts(made.purpose, as_of=made.ledger_size).values_list("pk", flat=True)
    )

    def build() -> None:
        while process_next_task(made.pk):
            pass

    def change_minds() -> None:
        for someone in people[::2]:
            withdraw(someone)
        for someone in people[::4]:
            grant(someone)

    answers = together([build, change_minds])
    assert answers == [None, None]
    build()
    made.refresh_from_db()
    assert made.state == "in_review", made.error
    assert (
        set(RowProvenance.objects.filter(snapshot=made).values_list("post_id", flat=True))
        == expected
    )
    said_no = {one.pk for number, one in enumerate(Post.objects.order_by("pk")) if number % 4 == 2}
    assert set(revoked_records(made).values_list("post_id", flat=True)) == said_no
    with pytest.raises(
        SnapshotError, match=f"^{len(said_no)} row{'s' * (len(said_no) > 1)} may not be used"
    ):
        approve_and_publish(snapshot=made, by=person(), manifest_sha256=made.manifest_sha256)


def test_with_a_clock_that_goes_back_the_later_word_still_counts(alice, monkeypatch):
    mine = post(alice)
    grant(alice)
    an_hour_ago = timezone.now() - timedelta(hours=1)

    class SetBack(datetime):
        @classmethod
        def now(cls, tz=None) -> datetime:
            return an_hour_ago

    monkeypatch.setattr(timezone, "datetime", SetBack)
    later = withdraw(alice)
    assert later.at < ConsentEvent.objects.get(position=0).at
    assert not exportable_posts("pretraining").exists()
    grant(alice)
    assert set(exportable_posts("pretraining")) == {mine}
    assert list(Verification().problems()) == []
