"""The public sums: right, cheap, and nothing in them that points to one person."""

import re
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.models import ConsentEvent
from consent.purposes import Purpose
from dataset_export.access.log import log_download
from dataset_export.erasure.services import erase_revoked
from dataset_export.models import RemovalNotice
from dataset_export.removals.acknowledge import acknowledge_removals
from dataset_export.removals.announce import announce
from dataset_export.transparency import statistics
from dataset_export.transparency.statistics import (
    MIN_COUNT,
    MONTHS,
    SuppressedCount,
    chart,
    count_everything,
    get_transparency_statistics,
    last_months,
    percentage,
    suppressed_sum,
)
from dataset_export.transparency.tasks import compute_transparency_statistics
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import published
from tests.factories import grant, person, post, recipe, withdraw

pytestmark = pytest.mark.django_db
ADDRESS = "/transparency"


def of(purpose: str = Purpose.PRETRAINING):
    return next(
        each for each in count_everything()["purposes"] if each.label == Purpose(purpose).label
    )


def sharers(number: int, purpose: str = Purpose.PRETRAINING) -> list:
    people = [person() for _ in range(number)]
    for each in people:
        post(each, f"The bread of {each.username} rises slowly.")
        grant(each, purpose)
    return people


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (6000, "6,000")],
)
def test_small_numbers_are_not_told(number, said):
    assert str(SuppressedCount(number)) == said
    assert SuppressedCount(number).height == (number if number >= MIN_COUNT else 0)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([], "0"),
        ([7, 5], "12"),
        ([97, 3], "more than 97"),
        ([3], "fewer than 5"),
        ([1, 2], "fewer than 10"),
    ],
)
def test_a_sum_gives_no_part_away(numbers, said):
    assert suppressed_sum([SuppressedCount(number) for number in numbers]) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, ""), (0, 10, "0.0 %"), (5, 10, "50.0 %"), (2, 10, ""), (8, 10, "")],
)
def test_a_share_gives_no_part_away(part, whole, said):
    assert percentage(part, whole) == said


def test_people_who_share(db):
    people = sharers(MIN_COUNT - 1)
    assert str(of().people) == "fewer than 5"
    people += sharers(2)
    assert str(of().people) == "6"
    withdraw(people[0])
    assert str(of().people) == "5"
    assert str(of().said_no) == "fewer than 5"
    type(people[1]).objects.filter(pk=people[1].pk).update(is_active=False)
    assert str(of().people) == "fewer than 5"
    assert str(of(Purpose.EVALUATION).people) == "0"


def test_a_yes_to_one_post_counts_once(db):
    people = [person() for _ in range(MIN_COUNT)]
    for each in people:
        for _ in range(2):
            grant(each, post_id=post(each).pk)
    assert str(of().people) == "5"


def test_the_months_are_those_of_the_year(db):
    assert last_months(date(2026, 2, 17))[-3:] == [
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    assert len(last_months(date(2026, 12, 31))) == MONTHS


def test_people_by_month(db, monkeypatch):
    people = sharers(7)
    for each in people[:2]:
        withdraw(each)
    [now] = of().chart.bars[-1:]
    assert (now.number.number, now.height) == (5, 80)
    assert {bar.number.number for bar in of().chart.bars[:-1]} == {0}
    later = timezone.now() + timedelta(days=62)
    monkeypatch.setattr(statistics.timezone, "now", lambda: later)
    assert [bar.number.number for bar in of().chart.bars[-3:]] == [5, 5, 5]
    people[3].delete()
    assert str(of().chart.bars[-1].number) == "fewer than 5"


def test_bars_that_are_few_have_no_height():
    months = last_months(date(2026, 2, 17))
    drawn = chart({months[0]: 4, months[1]: 5, months[2]: 50}, months)
    assert [bar.height for bar in drawn.bars[:4]] == [0, 8, 80, 0]
    assert drawn.is_drawn
    assert not chart({months[0]: 4}, months).is_drawn


def test_erasure(db):
    people = sharers(6)
    made = published(recipe=recipe(2))
    for each in people[:5]:
        withdraw(each)
    waiting = count_everything()["erasure"]
    assert (str(waiting.pending), waiting.pending_share, waiting.rows, waiting.median) == (
        "5",
        "100.0 %",
        "0",
        "",
    )
    erase_revoked()
    done = count_everything()["erasure"]
    assert (str(done.pending), done.pending_share, done.rows) == ("0", "0.0 %", "5")
    assert [(label, str(rows)) for label, rows in done.reasons] == [("Consent withdrawn", "5")]
    assert done.median == "a few seconds"
    [listed] = count_everything()["data_sets"]
    assert (listed.name, listed.rows) == (made.name, 1)


def test_no_share_gives_a_reason_away(db):
    """6 wait, 66.7 % of all: so 3 went, all of them for the one reason whose number is not told."""
    people = sharers(10)
    published(recipe=recipe(1))
    for each in people[:3]:
        withdraw(each)
    erase_revoked()
    for each in people[3:9]:
        withdraw(each)
    told = count_everything()["erasure"]
    assert (str(told.pending), told.rows) == ("6", "fewer than 5")
    assert [(label, str(rows)) for label, rows in told.reasons] == [
        ("Consent withdrawn", "fewer than 5")
    ]
    assert told.pending_share == ""
    assert "66.7" not in Client().get(ADDRESS).content.decode()


def test_downloads_and_access(db):
    sharers(2)
    made = published()
    club, again = (
        granted(person(), organisation="Small Models Club"),
        granted(person(), organisation="small models club"),
    )
    alone = granted(person("zacharias"))
    for access, status in ((club, 200), (again, 206), (alone, 200), (alone, 503)):
        log_download(
            grant=access, token=None, snapshot=made, path="x", bytes_asked=1, status=status
        )
    counted = count_everything()
    numbers = {each.label: each.chart.bars[-1].number.number for each in counted["downloads"]}
    assert numbers == {"Pretraining": 3, "Fine-tuning": 0, "Evaluation": 0, "Open release": 0}
    assert (counted["access"].organisations, str(counted["access"].people)) == (1, "fewer than 5")
    page = Client().get(ADDRESS).content.decode()
    assert "small models club" not in page.lower()
    assert "zacharias" not in page


def test_confirmed_in_time(db):
    leaver = sharers(2)[0]
    made = published()
    path = made.shards.get(format="parquet").path
    holders = [person() for _ in range(2 * MIN_COUNT)]
    for holder in holders:
        log_download(
            grant=granted(holder), token=None, snapshot=made, path=path, bytes_asked=1, status=200
        )
    withdraw(leaver)
    erase_revoked()
    announce()
    assert count_everything()["answers"].due.number == 0
    for holder in holders[:MIN_COUNT]:
        acknowledge_removals(user=holder, name="words", revision="v1.1")
    assert str(count_everything()["answers"].due) == "5"
    RemovalNotice.objects.filter(user__in=holders[MIN_COUNT:]).update(due_at=timezone.now())
    answers = count_everything()["answers"]
    assert (str(answers.due), answers.in_time) == ("10", "50.0 %")
    assert "50.0 % of these" in Client().get(ADDRESS).content.decode()


def test_nothing_on_the_page_tells_a_small_number(db):
    for number, purpose in enumerate(Purpose.values, 1):
        sharers(number, purpose)
    withdraw(sharers(1)[0])
    page = Client().get(ADDRESS).content.decode()
    people = page.partition('aria-labelledby="people"')[2].partition('aria-labelledby="sets"')[0]
    assert people.count("fewer than 5") == len(Purpose.values) + 1
    numbers = set(re.findall(r'<d[td]>([0-9]+)|class="number">([0-9]+)', people))
    assert {number for found in numbers for number in found if number} <= {"0"}


def test_it_is_counted_once_in_a_while(db):
    sharers(MIN_COUNT)
    client = Client()
    client.get(ADDRESS)
    sharers(1)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(ADDRESS).content.decode()
    assert len(queries) == 0
    assert f"<dd>{MIN_COUNT}</dd>" in page
    cache.clear()
    assert f"<dd>{MIN_COUNT + 1}</dd>" in client.get(ADDRESS).content.decode()


def test_a_worker_counts_for_those_who_come(db):
    compute_transparency_statistics()
    sharers(MIN_COUNT)
    compute_transparency_statistics()
    with CaptureQueriesContext(connection) as queries:
        page = Client().get(ADDRESS).content.decode()
    assert len(queries) == 0
    assert f"<dd>{MIN_COUNT}</dd>" in page


def test_it_is_there_while_redis_is_away(db, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://localhost:1/0"}
    }
    assert Client().get(ADDRESS).status_code == 200


def test_the_queries_are_as_many_for_much_as_for_little(db):
    def add(number: int) -> int:
        each = sharers(1)[0]
        made = published(f"words-{number}")
        granted(person(), f"words-{number}", organisation=f"Club {number}")
        log_download(
            grant=granted(person(), f"words-{number}"),
            token=None,
            snapshot=made,
            path="x",
            bytes_asked=1,
            status=200,
        )
        withdraw(each)
        erase_revoked()
        with CaptureQueriesContext(connection) as queries:
            count_everything()
        return len(queries)

    assert add(0) == [add(number) for number in range(1, 3)][-1]


def test_what_is_kept_can_be_read_again(db):
    sharers(MIN_COUNT)
    assert get_transparency_statistics() == get_transparency_statistics()
    assert ConsentEvent.objects.count() == MIN_COUNT
