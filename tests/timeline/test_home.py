"""Home: why each post is there, what comes again and what does not, and what is newer than a page."""

from datetime import timedelta

import pytest

from accounts.models import Follow, ListMember, User, UserList
from accounts.services import follow
from common.snowflake import SEQUENCE_BITS
from posts.models import Hashtag, HashtagFollow, KeywordFilter, LinkPreview, Post
from posts.services import delete_post, like_post, repost, vote
from posts.services.polls import PollDraft
from tests.factories import grant, person, post
from tests.pictures import ready
from tests.workers import celery_worker, wait_until
from timeline.event_handlers import dispatch_outbox
from timeline.home import fan_out, redis_store
from timeline.home.pages import home_rows
from timeline.home.read_marker import mark_home_read
from timeline.home.rule import REPOST_DEDUP_WINDOW


def at_home(client, address: str = "/") -> list[Post]:
    return client.get(address).context["page"].items


@pytest.fixture
def reader(client, alice) -> User:
    client.force_login(alice)
    return alice


def test_each_post_says_why_it_is_there(client, reader, bob, charlie):
    follow(follower=reader, followed=bob)
    HashtagFollow.objects.create(
        user=reader, tag=Hashtag.objects.create(name="bread", label="Bread")
    )
    post(reader, "Mine")
    post(bob, "Bob’s")
    repost(user=bob, post=post(charlie, "Charlie’s"))
    repost(user=reader, post=post(charlie, "Charlie’s too"))
    post(charlie, "All about #bread")
    assert [one.reason for one in at_home(client)] == [
        "Here because you follow #Bread.",
        "Here because you reposted it.",
        "Here because you follow @bob, who reposted it.",
        "Here because you follow @bob.",
        "Here because you wrote it.",
    ]
    page = client.get("/").content.decode()
    assert "<bdi>#Bread</bdi>, which you follow" in page
    assert "Here because you follow @bob." in page


def test_a_post_does_not_come_twice_within_a_day(client, reader, bob, charlie):
    follow(follower=reader, followed=bob)
    follow(follower=reader, followed=charlie)
    original = post(bob, "Once")
    again = repost(user=charlie, post=original)
    assert [one.row_id for one in at_home(client)] == [original.pk]
    # Moved to more than a day later, it comes again.
    later = again.pk + (int(REPOST_DEDUP_WINDOW / timedelta(milliseconds=1)) << SEQUENCE_BITS)
    Post.objects.filter(pk=again.pk).update(id=later)
    redis_store.client().flushdb()
    assert [one.row_id for one in at_home(client)] == [later, original.pk]


def test_of_two_reposts_the_first_stays_also_where_a_page_begins_between(
    client, reader, bob, charlie
):
    follow(follower=reader, followed=bob)
    follow(follower=reader, followed=charlie)
    original = post(person(), "By a stranger")
    first = repost(user=bob, post=original)
    second = repost(user=charlie, post=original)
    assert [one.row_id for one in at_home(client)] == [first.pk]
    assert [one.row_id for one in at_home(client, f"/?max_id={second.pk}")] == [first.pk]
    delete_post(post=first)
    assert [one.row_id for one in at_home(client)] == [second.pk]


def test_an_answer_to_a_post_that_is_gone_leaves_the_home_of_others(client, reader, bob):
    follow(follower=reader, followed=bob)
    asked = post(bob, "Asked")
    post(bob, "Answered", reply_to=asked)
    assert [one.text for one in at_home(client)] == ["Answered", "Asked"]
    delete_post(post=asked)
    assert at_home(client) == []


def test_what_is_newer_than_a_page(client, reader, bob):
    follow(follower=reader, followed=bob)
    seen = post(bob, "Seen")
    assert client.get(f"/newer?since_id={seen.pk}").status_code == 204
    post(bob, "New")
    post(person(), "Elsewhere")
    assert "1 new post<" in client.get(f"/newer?since_id={seen.pk}").content.decode()
    for _ in range(45):
        post(bob, "More")
    assert "40 or more new posts" in client.get(f"/newer?since_id={seen.pk}").content.decode()


def test_home_goes_on_below_what_redis_holds(client, reader, bob, monkeypatch):
    monkeypatch.setattr(redis_store, "MAX_IDS", 5)
    follow(follower=reader, followed=bob)
    made = [post(bob, f"{number}").pk for number in range(70)]
    dispatch_outbox()
    found: list[int] = []
    address = "/"
    while address:
        page = client.get(address).context["page"]
        found += [one.row_id for one in page.items]
        address = page.next_url
    assert found == made[::-1]


def test_who_is_widely_followed_is_not_pushed(reader, bob, monkeypatch):
    monkeypatch.setattr(fan_out, "WIDELY_FOLLOWED", 1)
    for one in (reader, person()):
        follow(follower=one, followed=bob)
    home_rows(reader, below=None, size=20)
    made = post(bob)
    dispatch_outbox()
    bob.refresh_from_db()
    assert bob.skips_fan_out
    assert [row.pk for row in home_rows(reader, below=None, size=20)] == [made.pk]


def test_what_is_set_apart_in_a_list_leaves_home(client, reader, bob, charlie):
    for other in (bob, charlie):
        follow(follower=reader, followed=other)
        post(other, f"By {other.username}")
    apart = UserList.objects.create(owner=reader, title="Apart", is_exclusive=True)
    ListMember.objects.create(list=apart, member=bob)
    assert [one.text for one in at_home(client)] == ["By charlie"]
    shown = at_home(client, f"/lists/{apart.pk}")
    assert [one.text for one in shown] == ["By bob"]
    assert shown[0].reason == "Here because @bob is in your list “Apart”."


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ("none", {"Asked", "Thread"}),
        ("list", {"Asked", "Thread", "To a member"}),
        ("followed", {"Asked", "Thread", "To one I follow"}),
    ],
)
def test_a_list_has_the_replies_that_it_says(client, reader, bob, charlie, replies, expected):
    member, followed, stranger = person(), person(), person()
    follow(follower=reader, followed=followed)
    people = UserList.objects.create(owner=reader, title="Bakers", replies=replies)
    for one in (bob, member):
        ListMember.objects.create(list=people, member=one)
    asked = post(bob, "Asked")
    post(bob, "Thread", reply_to=asked)
    post(bob, "To a member", reply_to=post(member, "Asked"))
    post(bob, "To one I follow", reply_to=post(followed, "Elsewhere"))
    post(bob, "To a stranger", reply_to=post(stranger, "Elsewhere"))
    assert {one.text for one in at_home(client, f"/lists/{people.pk}")} == expected


def test_the_tabs_of_a_profile(client, alice, bob):
    asked = post(bob, "Asked")
    mine = post(alice, "Mine")
    post(alice, "Thread", reply_to=mine)
    post(alice, "Answer", reply_to=asked)
    Post.objects.filter(pk=mine.pk).update(has_media=True)
    assert {one.text for one in at_home(client, "/@alice")} == {"Mine", "Thread"}
    assert {one.text for one in at_home(client, "/@alice/replies")} == {"Answer"}
    assert {one.text for one in at_home(client, "/@alice/media")} == {"Mine"}


@pytest.mark.django_db(transaction=True)
def test_publishing_killed_before_it_is_pushed_still_arrives(client, tmp_path):
    alice, bob = person("alice"), person("bob")
    follow(follower=alice, followed=bob)
    client.force_login(alice)
    assert at_home(client) == []
    made = post(bob)
    # As if the process died before the message went out, and Redis lost what it had.
    redis_store.client().flushdb()
    assert [one.pk for one in at_home(client)] == [made.pk]
    second = post(bob)
    name = redis_store.key(alice.pk, User.objects.get(pk=alice.pk).home_timeline_version)

    def stored() -> list[int]:
        found = redis_store.read_ids(name, below=None, limit=5)
        return found.ids if found else []

    assert stored() == [made.pk]
    assert [one.pk for one in at_home(client)] == [second.pk, made.pk]
    with celery_worker(tmp_path, beat=True):
        wait_until(lambda: stored() == [second.pk, made.pk], "the post in Redis")
    assert Follow.objects.count() == 1


def test_where_what_was_read_before_begins(client, reader, bob):
    follow(follower=reader, followed=bob)
    old = [post(bob, f"Old {number}") for number in range(2)]
    line = "You’re all caught up – earlier posts below"
    assert line not in client.get("/").content.decode()
    assert (
        client.post(
            "/home/read", {"last_read_id": old[-1].pk}, headers={"HX-Request": "true"}
        ).status_code
        == 204
    )
    assert line not in client.get("/").content.decode()
    post(bob, "New")
    page = client.get("/").content.decode()
    assert page.index("New") < page.index(line) < page.index("Old 1")
    # It never goes back, and nonsense changes nothing.
    for sent in (old[0].pk, "nonsense", ""):
        client.post("/home/read", {"last_read_id": sent})
    assert [one.starts_read_section for one in at_home(client)] == [False, True, False]


@pytest.fixture
def everything(reader, bob, charlie) -> int:
    """Bring all that a home page may show, and return how many posts it has."""
    follow(follower=reader, followed=bob)
    HashtagFollow.objects.create(
        user=reader, tag=Hashtag.objects.create(name="bread", label="Bread")
    )
    people = UserList.objects.create(owner=reader, title="Elsewhere", is_exclusive=True)
    ListMember.objects.create(list=people, member=person())
    KeywordFilter.objects.create(user=reader, phrase="rye", pattern="rye", action="warn")
    asked = [
        post(bob, f"Which? {number}", poll=PollDraft(("One", "Other"), hours=24))
        for number in range(2)
    ]
    vote(user=reader, post=asked[0], choices=[1])
    repost(user=bob, post=post(charlie, "Look", quote_of=asked[0], media_ids=(ready(charlie).pk,)))
    post(bob, "A picture of rye", media_ids=(ready(bob).pk,))
    preview = LinkPreview.objects.create(url="https://example.org/", title="Example", state="ready")
    Post.objects.filter(pk=post(bob, "https://example.org/").pk).update(link_preview=preview)
    post(charlie, "All about #bread")
    own = post(reader, "Mine", media_ids=(ready(reader).pk,))
    grant(reader)
    mark_home_read(user=reader, up_to=asked[1].pk)
    like_post(user=bob, post=own)
    dispatch_outbox()
    return 7


@pytest.mark.parametrize("redis", ["there", "flushed", "away", "too short"])
def test_a_page_with_everything_on_it_takes_eight_queries(
    client, everything, redis, monkeypatch, django_assert_max_num_queries
):
    """Session, account, what is not pushed, what Redis lacks, the rule, cards, decisions, what is unread."""
    if redis == "too short":
        monkeypatch.setattr(redis_store, "MAX_IDS", 5)
    at_home(client)
    if redis == "flushed":
        redis_store.client().flushdb()
    elif redis == "away":
        monkeypatch.setattr(redis_store.breaker, "until", float("inf"))
    with django_assert_max_num_queries(8):
        answer = client.get("/")
    shown, page = answer.context["page"].items, answer.content.decode()
    assert len(shown) == everything
    assert all(
        words in page
        for words in ("Your vote", "media-grid--1", "It has a poll", 'class="link-preview')
    )
    assert all(words in page for words in ("Shared: ", "Filtered: ", "Reposted by"))
    assert answer.context["unread_notifications"]() == "1"
