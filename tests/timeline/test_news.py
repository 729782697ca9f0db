"""What happened is acted on once, by whoever comes first, whatever fails on the way."""

import pytest
from django.db import transaction

from accounts.models import User
from common.models import OutboxEvent
from common.outbox import emit
from tests.factories import person, post
from tests.threads import together
from tests.workers import celery_worker, wait_until
from timeline import event_handlers
from timeline.event_handlers import MAX_ATTEMPTS, dispatch_outbox
from timeline.home.redis_store import RedisUnavailableError

LIKED = OutboxEvent.Topic.LIKED


@pytest.fixture
def heard(monkeypatch) -> list[int | None]:
    """Collect the posts that a handler hears of."""
    heard: list[int | None] = []
    monkeypatch.setattr(
        event_handlers, "HANDLERS", {LIKED: (lambda one: heard.append(one.post_id),)}
    )
    return heard


def attempts() -> list[int]:
    return list(OutboxEvent.objects.order_by("pk").values_list("attempts", flat=True))


def test_each_row_is_acted_on_once_and_in_order(db, heard):
    for number in range(3):
        emit(LIKED, actor=1, post=number)
    dispatch_outbox()
    dispatch_outbox()
    assert heard == [0, 1, 2]
    assert not OutboxEvent.objects.exists()


def test_a_row_that_nobody_wants_is_deleted(db, heard):
    emit(OutboxEvent.Topic.FOLLOWED, actor=1, person=2)
    dispatch_outbox()
    assert not OutboxEvent.objects.exists()


def test_all_handlers_act_or_none(db, alice, monkeypatch):
    def write(one: OutboxEvent) -> None:
        User.objects.filter(pk=alice.pk).update(bio="written")

    def fail(one: OutboxEvent) -> None:
        raise ValueError("This cannot be acted on.")

    monkeypatch.setattr(event_handlers, "HANDLERS", {LIKED: (write, fail)})
    emit(LIKED, actor=alice.pk)
    dispatch_outbox()
    alice.refresh_from_db()
    assert alice.bio == ""
    assert attempts() == [1]


def test_one_bad_row_does_not_hold_up_the_others(db, monkeypatch):
    heard = []

    def choosy(one: OutboxEvent) -> None:
        if one.post_id == 1:
            raise ValueError("This cannot be acted on.")
        heard.append(one.post_id)

    monkeypatch.setattr(event_handlers, "HANDLERS", {LIKED: (choosy,)})
    for number in range(3):
        emit(LIKED, actor=1, post=number)
    for _ in range(MAX_ATTEMPTS + 5):
        dispatch_outbox()
    assert heard == [0, 2]
    assert attempts() == [MAX_ATTEMPTS]


def test_what_is_away_counts_against_no_row(db, monkeypatch):
    def away(one: OutboxEvent) -> None:
        raise RedisUnavailableError

    monkeypatch.setattr(event_handlers, "HANDLERS", {LIKED: (away,)})
    emit(LIKED, actor=1)
    for _ in range(MAX_ATTEMPTS + 1):
        dispatch_outbox()
    assert attempts() == [0]


@pytest.mark.django_db(transaction=True)
def test_tasks_at_the_same_moment_share_the_rows(heard):
    with transaction.atomic():
        for number in range(40):
            emit(LIKED, actor=1, post=number)
    assert together([dispatch_outbox] * 4) == [None] * 4
    assert sorted(heard) == list(range(40))


@pytest.mark.django_db(transaction=True)
def test_a_worker_hears_at_once_and_beat_finds_what_was_lost(tmp_path, settings):
    alice = person("alice")
    # As after a crash between the commit and the message.
    OutboxEvent.objects.create(topic=OutboxEvent.Topic.PUBLISHED, actor_id=alice.pk, post_id=1)
    with celery_worker(tmp_path, beat=True):
        wait_until(lambda: not OutboxEvent.objects.exists(), "news whose message was lost")
    with celery_worker(tmp_path, "two"):
        post(alice)
        wait_until(lambda: not OutboxEvent.objects.exists(), "news")
