"""Search, tags and explore take as many queries with twenty rows as with one."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import User
from posts.models import Hashtag
from posts.services import follow_tag
from tests.factories import person, post
from tests.timeline.test_queries import assert_constant
from timeline.models import Trend
from timeline.trends.daily_usage import count_tag_days

MAX_QUERIES = 18


@pytest.fixture(params=["signed in", "logged out"])
def visitor(request, client, alice):
    if request.param == "signed in":
        client.force_login(alice)
    return client


def write(number: int) -> None:
    author = person()
    text = f"Words of garden #garden{number} #garden https://example.org/{number}"
    post(User.objects.get(username="alice"), text, quote_of=post(author, text))


@pytest.mark.parametrize(
    "asked",
    [
        "garden",
        "garden&sort=newest",
        '"words of" from:alice -bread',
        "in:library garden",
        "has:link lang:und #garden",
    ],
)
def test_search(client, alice, asked):
    client.force_login(alice)
    assert_constant(client, f"/search?q={asked.replace('#', '%23')}", write, MAX_QUERIES)


def test_search_of_a_visitor(client, alice):
    assert_constant(client, "/search?q=garden", write, MAX_QUERIES)


def test_search_of_people(visitor):
    assert_constant(
        visitor, "/search?q=kim&tab=people", lambda number: person(f"kim_{number}"), MAX_QUERIES
    )


def test_search_of_tags(visitor, alice):
    assert_constant(visitor, "/search?q=garden&tab=tags", write, MAX_QUERIES)


@pytest.mark.parametrize("names", ["garden", "garden+garden0"])
def test_tag(visitor, alice, names):
    assert_constant(visitor, f"/tags/{names}", write, MAX_QUERIES)


def test_followed_tags(client, alice):
    client.force_login(alice)

    def add(number: int) -> None:
        follow_tag(user=alice, name=f"garden{number}", label=f"Garden{number}")

    assert_constant(client, "/settings/tags", add)


@pytest.fixture
def trend(alice) -> Callable[[int], None]:
    def add(number: int) -> None:
        write(number)
        shown = {
            "score": 5000 + number,
            "people": 5,
            "state": "allowed",
            "decided_at": timezone.now(),
        }
        Trend.objects.create(kind="tag", tag=Hashtag.objects.get(name=f"garden{number}"), **shown)
        Trend.objects.create(kind="post", post=post(person(), f"Answer me {number}"), **shown)
        Trend.objects.create(kind="link", url=f"https://example.org/{number}", **shown)
        count_tag_days(timezone.now().date())

    return add


@pytest.mark.parametrize(
    "address", ["/explore", "/explore/tags", "/explore/posts", "/explore/links"]
)
def test_explore(visitor, trend, address):
    assert_constant(visitor, address, trend, MAX_QUERIES)


def test_admin_of_trends(client, trend):
    client.force_login(person("root", is_staff=True, is_superuser=True))
    assert_constant(client, "/admin/timeline/trend/", trend)
