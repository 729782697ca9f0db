"""Pages by a unique id: every row once and in order, whatever happens between two pages."""

import pytest
from django.contrib.auth.models import Group
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from common.pagination import MAX_ID, paginate
from tests.factories import post

ids = st.sets(st.integers(1, 60), max_size=25)
between_pages = st.lists(st.tuples(ids, ids), max_size=6)
LIMIT = 60


@pytest.fixture
def empty_list(db) -> None:
    """Take away the groups that the migrations make."""
    Group.objects.all().delete()


def make(numbers: set[int]) -> None:
    Group.objects.bulk_create(
        [Group(pk=number, name=f"{number}") for number in numbers], ignore_conflicts=True
    )


class WalkingThePages(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(present=ids, changes=between_pages, size=st.integers(1, 5), oldest_first=st.booleans())
    def test_visits_what_stays_once_and_in_order(self, present, changes, size, oldest_first):
        Group.objects.all().delete()
        make(present)
        ever, stayed = set(present), set(present)
        seen, address, pages, changes = [], "/list?other=kept", 0, iter(changes)
        while address and pages < LIMIT:
            request = RequestFactory().get(address)
            assert request.GET["other"] == "kept"
            page = paginate(Group.objects.all(), request, size=size, oldest_first=oldest_first)
            assert page.is_first == (pages == 0)
            assert len(page.items) <= size
            seen += [group.pk for group in page.items]
            added, deleted = next(changes, (set(), set()))
            make(added)
            Group.objects.filter(pk__in=deleted).delete()
            ever, stayed = ever | added, stayed - deleted
            address, pages = page.next_url, pages + 1
        assert address is None
        assert seen == sorted(set(seen), reverse=not oldest_first)
        # What was there from the first page to the last was seen; what was seen existed at some time.
        assert stayed <= set(seen) <= ever


@pytest.mark.usefixtures("empty_list")
@pytest.mark.parametrize(
    ("rows", "pages"), [(0, [0]), (1, [1]), (3, [3]), (4, [3, 1]), (6, [3, 3])]
)
def test_a_full_last_page_promises_no_other(rows, pages):
    make(set(range(1, rows + 1)))
    address, found = "/list", []
    while address:
        page = paginate(Group.objects.all(), RequestFactory().get(address), size=3)
        found.append(len(page.items))
        address = page.next_url
    assert found == pages


CURSORS = [
    "",
    "abc",
    "-1",
    "+1",
    "1.5",
    "1e3",
    " 1",
    "0x10",
    "٣",
    "²",
    "１２",
    "\x00",
    "1\x00",
    "null",
    "1 OR 1=1",
    str(MAX_ID),
    str(MAX_ID + 1),
    "9" * 20,
    "9" * 5000,
    "0",
    "00000000000000000000000001",
]


@pytest.mark.usefixtures("empty_list")
@pytest.mark.parametrize("cursor", CURSORS, ids=repr)
@pytest.mark.parametrize("oldest_first", [False, True])
def test_any_cursor_can_be_asked_of_the_database(cursor, oldest_first):
    request = RequestFactory().get("/list", {"max_id": cursor, "min_id": cursor})
    assert paginate(Group.objects.all(), request, oldest_first=oldest_first).items == []


@pytest.fixture
def pages(alice, bob) -> list[str]:
    asked = post(alice, "Asked")
    post(bob, "Answered", reply_to=asked)
    return [
        "/",
        "/public",
        "/@alice",
        f"/@alice/{asked.pk}",
        "/@alice/followers",
        "/@alice/following",
    ]


def test_a_bad_cursor_gives_a_page(client, pages, alice):
    client.force_login(alice)
    for address in pages:
        for cursor in ("abc", "-1", "٣", "²", "\x00", str(MAX_ID + 1), "9" * 5000):
            query = {"max_id": cursor, "min_id": cursor, "reply_to": cursor}
            assert client.get(address, query).status_code == 200, (address, cursor)


@pytest.mark.parametrize("cursor", ["abc", "-1", "٣", "", "1.5"])
def test_what_is_no_cursor_is_the_first_page(client, pages, cursor):
    page = client.get("/public", {"max_id": cursor}).context["page"]
    assert page.is_first
    assert [one.text for one in page.items] == ["Asked"]


def test_a_cursor_beyond_all_ids_is_not_the_first_page_but_has_all_rows(client, pages):
    page = client.get("/public", {"max_id": "9" * 30}).context["page"]
    assert not page.is_first
    assert [one.text for one in page.items] == ["Asked"]


@pytest.mark.parametrize(
    "number", ["0", "99999999999999999999999999", "9" * 5000, "9223372036854775807"]
)
def test_ids_in_addresses_that_no_post_has(client, pages, alice, number):
    client.force_login(alice)
    assert client.get(f"/@alice/{number}").status_code == 404
    assert client.get(f"/posts/{number}/delete").status_code == 404
    assert client.post(f"/posts/{number}/like").status_code == 404
    assert client.get("/compose", {"reply_to": number}).status_code == 404


@pytest.mark.parametrize(
    "name", ["nobody", "a%00b", "%FF", "a%2Fb", "x" * 3000, "%F0%9F%8D%9E", "..", "alice%20"]
)
def test_names_in_addresses_that_nobody_has(client, alice, name):
    for address in (f"/@{name}", f"/@{name}/followers", f"/@{name}/following", f"/@{name}/1"):
        assert client.get(address).status_code == 404, address
    client.force_login(alice)
    assert client.post(f"/@{name}/follow").status_code == 404


def test_conversations_go_on_from_the_oldest(client, alice, bob):
    asked = post(alice, "Who bakes?")
    answers = [post(bob, f"Answer {number}", reply_to=asked) for number in range(25)]
    address, seen = f"/@alice/{asked.pk}", []
    while address:
        page = client.get(address).context["replies"]
        seen += [one.pk for one in page.items]
        address = page.next_url
    assert seen == [one.pk for one in answers]
