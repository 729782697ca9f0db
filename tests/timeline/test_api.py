"""Timelines and posts for programs: the shapes and the paging that they know from elsewhere."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ListMember, User, UserList
from accounts.services import create_token, follow
from posts.models import LinkPreview, Post
from posts.services import (
    PollDraft,
    PostContent,
    PostInput,
    edit_post,
    like_post,
    publish_post,
    repost,
    vote,
)
from posts.services.filters import keep_filter
from tests.factories import person, post
from tests.pictures import ready, sent

HOME = "/api/v1/timelines/home"


class Reader:
    """A program with a token to read."""

    def __init__(self, user: User, scopes: tuple[str, ...] = ("read",)) -> None:
        token = create_token(user=user, name="reader", scopes=scopes)
        self.client = Client(headers={"Authorization": f"Bearer {token}"})

    def get(self, address: str, status: int = 200):
        response = self.client.get(address)
        assert response.status_code == status, response.content
        return response

    def ids(self, address: str) -> list[int]:
        return [int(shape["id"]) for shape in self.get(address).json()]


@pytest.fixture
def reader(alice) -> Reader:
    return Reader(alice)


def links(response) -> dict[str, str]:
    found = re.findall(r'<([^>]+)>; rel="(\w+)"', response["Link"])
    assert all(address.startswith(f"{settings.SITE_URL}/") for address, _ in found)
    return {end: address.removeprefix(settings.SITE_URL) for address, end in found}


def test_a_post_has_what_clients_break_without(reader, alice, bob):
    asked = post(alice, "Asked")
    made = publish_post(
        author=bob,
        draft=PostInput("Hello @alice about #Bread", warning="Food", language="en"),
        reply_to=asked,
    )
    like_post(user=alice, post=made)
    shape = reader.get(f"/api/v1/statuses/{made.pk}").json()
    assert shape["id"] == str(made.pk)
    assert shape["account"]["acct"] == "bob"
    assert {"avatar", "header", "note", "url", "created_at"} <= shape["account"].keys()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", shape["created_at"])
    assert shape["in_reply_to_id"] == str(asked.pk)
    assert shape["in_reply_to_account_id"] == str(alice.pk)
    assert (shape["favourites_count"], shape["favourited"], shape["reblogged"]) == (1, True, False)
    assert (shape["spoiler_text"], shape["language"], shape["visibility"]) == (
        "Food",
        "en",
        "public",
    )
    assert [mention["acct"] for mention in shape["mentions"]] == ["alice"]
    assert [tag["name"] for tag in shape["tags"]] == ["bread"]
    assert shape["application"] is None
    assert shape["media_attachments"] == shape["emojis"] == []
    assert shape["url"].endswith(f"/@bob/{made.pk}")


def test_a_repost_holds_the_post(reader, alice, bob, charlie):
    follow(follower=alice, followed=bob)
    original = post(charlie, "Words")
    made = repost(user=bob, post=original)
    (shape,) = reader.get(HOME).json()
    assert (shape["id"], shape["account"]["acct"], shape["content"]) == (str(made.pk), "bob", "")
    assert (shape["reblog"]["id"], shape["reblog"]["account"]["acct"]) == (
        str(original.pk),
        "charlie",
    )
    assert "Words" in shape["reblog"]["content"]


def test_a_quote_holds_the_post_or_says_why_not(reader, alice, bob):
    quoted = post(bob, "Quoted")
    made = publish_post(author=bob, draft=PostInput("Look"), quote_of=quoted)
    shape = reader.get(f"/api/v1/statuses/{made.pk}").json()
    assert shape["quote"]["state"] == "accepted"
    assert shape["quote"]["quoted_status"]["id"] == str(quoted.pk)
    Post.objects.filter(pk=made.pk).update(quote_state="detached")
    shape = reader.get(f"/api/v1/statuses/{made.pk}").json()
    assert shape["quote"] == {"state": "revoked", "quoted_status": None}


def test_home_pages_both_ways(reader, alice):
    made = [post(alice, f"{number}").pk for number in range(7)][::-1]
    first = reader.get(f"{HOME}?limit=3")
    assert [int(shape["id"]) for shape in first.json()] == made[:3]
    assert reader.ids(links(first)["next"]) == made[3:6]
    assert reader.ids(links(first)["prev"]) == []
    assert reader.ids(f"{HOME}?since_id={made[5]}&limit=3") == made[:3]
    assert reader.ids(f"{HOME}?min_id={made[5]}&limit=3") == made[2:5]
    assert reader.ids(f"{HOME}?max_id={made[2]}&since_id={made[5]}") == made[3:5]
    assert reader.ids(f"{HOME}?limit=nonsense&max_id=nonsense") == made


@pytest.mark.parametrize("kind", ["public", "tag", "list", "account"])
def test_other_timelines_page_both_ways(reader, alice, kind):
    people = UserList.objects.create(owner=alice, title="Me")
    ListMember.objects.create(list=people, member=alice)
    address = {
        "public": "/api/v1/timelines/public",
        "tag": "/api/v1/timelines/tag/Bread",
        "list": f"/api/v1/timelines/list/{people.pk}",
        "account": f"/api/v1/accounts/{alice.pk}/statuses",
    }[kind]
    made = [post(alice, f"{number} #bread").pk for number in range(7)][::-1]
    first = reader.get(f"{address}?limit=3")
    assert reader.ids(links(first)["next"]) == made[3:6]
    assert reader.ids(f"{address}?since_id={made[5]}&limit=3") == made[:3]
    assert reader.ids(f"{address}?min_id={made[5]}&limit=3") == made[2:5]


def test_what_an_account_wrote(reader, alice, bob):
    mine = post(alice, "Mine")
    answer = post(alice, "Answer", reply_to=post(bob, "Asked"))
    again = repost(user=alice, post=post(bob, "Bob’s"))
    Post.objects.filter(pk=mine.pk).update(has_media=True)
    address = f"/api/v1/accounts/{alice.pk}/statuses"
    assert reader.ids(address) == [again.pk, answer.pk, mine.pk]
    assert reader.ids(f"{address}?exclude_replies=true") == [again.pk, mine.pk]
    assert reader.ids(f"{address}?exclude_reblogs=1") == [answer.pk, mine.pk]
    assert reader.ids(f"{address}?only_media=true") == [mine.pk]
    assert reader.ids(f"{address}?pinned=true") == []


def test_a_conversation(reader, alice, bob):
    first = post(alice, "First")
    second = post(bob, "Second", reply_to=first)
    third = post(alice, "Third", reply_to=second)
    fourth = post(bob, "Fourth", reply_to=third)
    post(bob, "Aside", reply_to=first)
    context = reader.get(f"/api/v1/statuses/{second.pk}/context").json()
    assert [int(shape["id"]) for shape in context["ancestors"]] == [first.pk]
    assert [int(shape["id"]) for shape in context["descendants"]] == [third.pk, fourth.pk]


def test_another_persons_list_is_not_there(reader, bob):
    theirs = UserList.objects.create(owner=bob, title="Theirs")
    assert reader.get(f"/api/v1/timelines/list/{theirs.pk}", 404).json()["error"]


@pytest.mark.parametrize("address", [HOME, "/api/v1/timelines/public", "/api/v1/timelines/list/1"])
def test_a_token_for_something_else_reads_nothing(alice, address):
    assert "read" in Reader(alice, ("datasets:read",)).get(address, 403).json()["error"]


def test_home_takes_as_many_queries_for_one_post_as_for_twenty(reader, alice, bob):
    follow(follower=alice, followed=bob)

    def add(number: int) -> None:
        original = post(person(), f"Post {number} #bread @alice")
        repost(user=bob, post=original)
        publish_post(author=bob, draft=PostInput(f"Quote {number}"), quote_of=original)

    def count() -> int:
        reader.get(HOME)
        with CaptureQueriesContext(connection) as captured:
            reader.get(HOME)
        return len(captured)

    add(0)
    one = count()
    for number in range(1, 20):
        add(number)
    assert count() == one <= 8


def test_an_account_comes_with_its_counts(reader, alice, bob, charlie):
    follow(follower=alice, followed=bob)
    follow(follower=charlie, followed=bob)
    follow(follower=bob, followed=alice)
    made = post(bob, "One")
    post(bob, "@charlie", visibility="direct")
    User.objects.filter(pk=bob.pk).update(bio="Bread <&>\nand butter")
    shape = reader.get(f"/api/v1/statuses/{made.pk}").json()["account"]
    assert (shape["followers_count"], shape["following_count"], shape["statuses_count"]) == (
        2,
        1,
        1,
    )
    assert shape["note"] == "<p>Bread &lt;&amp;&gt;<br>and butter</p>"
    assert shape["avatar"].startswith("http")


def test_counts_are_asked_for_once_in_a_while(reader, alice):
    address = "/api/v1/timelines/public"
    # The use of the token is noted once in a while, too.
    reader.get(address)
    made = [post(person(), f"{number}").pk for number in range(3)]
    with CaptureQueriesContext(connection) as first:
        assert reader.ids(address) == made[::-1]
    with CaptureQueriesContext(connection) as second:
        reader.get(address)
    assert len(first) == len(second) + 1


def test_addresses_in_the_words_are_whole_and_named_as_clients_know_them(reader, bob):
    made = post(bob, '@alice #Bread https://example.org/a "class="tag" rel="tag"')
    content = reader.get(f"/api/v1/statuses/{made.pk}").json()["content"]
    assert '<a href="https://' not in content.replace('<a href="https://example.org/a"', "")
    assert 'class="u-url mention">@alice</a>' in content
    assert 'class="mention hashtag" rel="tag">#Bread</a>' in content
    assert re.findall(r'href="(?!http)', content) == []
    assert content.count('class="mention hashtag"') == 1


def test_a_poll_as_each_sees_it(reader, alice, bob, charlie):
    made = post(
        bob, "Which?", poll=PollDraft(("Rye", "Oat"), 24, is_multiple=True, hides_results=True)
    )
    vote(user=charlie, post=made, choices=[0, 1])
    address = f"/api/v1/statuses/{made.pk}"
    poll = reader.get(address).json()["poll"]
    assert poll["id"] == str(made.pk)
    assert (poll["expired"], poll["multiple"], poll["voted"], poll["own_votes"]) == (
        False,
        True,
        False,
        [],
    )
    assert poll["options"] == [
        {"title": "Rye", "votes_count": None},
        {"title": "Oat", "votes_count": None},
    ]
    assert (poll["voters_count"], poll["votes_count"]) == (1, 1)
    vote(user=alice, post=made, choices=[1])
    poll = reader.get(address).json()["poll"]
    assert (poll["voted"], poll["own_votes"], poll["votes_count"], poll["voters_count"]) == (
        True,
        [1],
        3,
        2,
    )
    assert poll["options"] == [
        {"title": "Rye", "votes_count": 1},
        {"title": "Oat", "votes_count": 2},
    ]
    quoting = publish_post(author=charlie, draft=PostInput("Look"), quote_of=made)
    shape = reader.get(f"/api/v1/statuses/{quoting.pk}").json()
    assert shape["poll"] is None
    assert shape["quote"]["quoted_status"]["poll"]["own_votes"] == [1]


def test_pictures_that_are_ready(reader, bob):
    pictures = [ready(bob, alt="A cat", focus_x=0.5, focus_y=-1), sent(bob)]
    made = post(bob, "Look", media_ids=tuple(picture.pk for picture in pictures), warning="Cats")
    shape = reader.get(f"/api/v1/statuses/{made.pk}").json()
    (attached,) = shape["media_attachments"]
    assert (attached["id"], attached["type"], attached["description"]) == (
        str(pictures[0].pk),
        "image",
        "A cat",
    )
    assert attached["url"].startswith("http")
    assert attached["meta"]["original"] == {
        "width": 300,
        "height": 200,
        "size": "300x200",
        "aspect": 1.5,
    }
    assert attached["meta"]["focus"] == {"x": 0.5, "y": 1.0}
    assert shape["sensitive"] is True


def test_the_card_of_a_link(reader, bob):
    made = post(bob, "https://example.org/a")
    LinkPreview.objects.update(state="ready", title="A page", description="It is about bread.")
    card = reader.get(f"/api/v1/statuses/{made.pk}").json()["card"]
    assert (card["type"], card["title"], card["provider_name"]) == ("link", "A page", "example.org")
    assert card["url"] == "https://example.org/a"
    assert card["image"] is None


def test_an_edit_and_who_may_quote(reader, bob):
    made = post(bob, "Bread rses", quote_policy="nobody")
    edit_post(post=made, words=PostContent("Bread rises"))
    shape = reader.get(f"/api/v1/statuses/{made.pk}").json()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", shape["edited_at"])
    assert shape["quote_approval"] == {"automatic": [], "manual": [], "current_user": "denied"}


def test_a_repost_shows_nothing_twice(reader, alice, bob, charlie):
    follow(follower=alice, followed=bob)
    original = post(charlie, "Which?", poll=PollDraft(("Rye", "Oat"), 24))
    repost(user=bob, post=original)
    (shape,) = reader.get(HOME).json()
    assert (shape["poll"], shape["card"], shape["media_attachments"]) == (None, None, [])
    assert shape["reblog"]["poll"]["options"][0]["title"] == "Rye"
    assert (shape["account"]["statuses_count"], shape["reblog"]["account"]["statuses_count"]) == (
        1,
        1,
    )


def test_a_person_by_number_and_by_name(reader, alice, bob):
    follow(follower=alice, followed=bob)
    shape = reader.get(f"/api/v1/accounts/{bob.pk}").json()
    assert (shape["acct"], shape["followers_count"]) == ("bob", 1)
    assert reader.get("/api/v1/accounts/lookup?acct=@BOB").json() == shape
    for address in (
        "/api/v1/accounts/999999",
        "/api/v1/accounts/lookup?acct=nobody",
        "/api/v1/accounts/lookup",
    ):
        assert reader.get(address, 404).json()["error"]
    User.objects.filter(pk=bob.pk).update(suspended_at="2026-01-01T00:00Z")
    reader.get(f"/api/v1/accounts/{bob.pk}", 404)
    reader.get("/api/v1/accounts/lookup?acct=bob", 404)


def test_a_post_that_a_filter_folds_says_so(reader, alice, bob):
    follow(follower=alice, followed=bob)
    post(bob, "The butler did it")
    keep_filter(user=alice, phrase="butler", is_whole_word=True, action="warn")
    (shape,) = reader.get(HOME).json()
    (filtered,) = shape["filtered"]
    assert (filtered["filter"]["title"], filtered["filter"]["filter_action"]) == ("butler", "warn")
    assert filtered["keyword_matches"] == ["butler"]
