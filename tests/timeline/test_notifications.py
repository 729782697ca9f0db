"""Who is told of what, once, for as long as it is so; what is shown together; and what counts as read."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Block, FollowRequest, Mute, User
from accounts.services import accept_request, follow, unfollow
from common.models import OutboxEvent
from common.outbox import emit
from common.snowflake import min_id_at, time_of
from posts.models import Draft, Mention, Post
from posts.services import (
    PostContent,
    PostInput,
    delete_post,
    delete_repost,
    edit_post,
    like_post,
    publish_post,
    repost,
    unlike_post,
    unschedule,
)
from tests.factories import person, post
from tests.threads import together
from timeline.event_handlers import dispatch_outbox
from timeline.models import Notification
from timeline.notifications import selectors
from timeline.notifications.creators import lock_post
from timeline.notifications.selectors import NotificationFilter, notification_page, unread_count
from timeline.notifications.services import choose_kinds, mark_read, send_staff_message

EVERYTHING = NotificationFilter()


def told(user: User, choice: NotificationFilter = EVERYTHING) -> list[tuple[str, list[str]]]:
    """Return what a person reads: the kind, and by whom, of each group."""
    dispatch_outbox()
    assert not OutboxEvent.objects.exists()
    groups = notification_page(user, choice).groups
    return [(group.kind, [person.username for person in group.people]) for group in groups]


def quote(author: User, quoted: Post, text: str = "See this.") -> Post:
    return publish_post(author=author, draft=PostInput(text), quote_of=quoted)


def ask_to_follow(follower: User, followed: User) -> FollowRequest:
    emit(OutboxEvent.Topic.FOLLOW_REQUESTED, actor=follower.pk, person=followed.pk)
    return FollowRequest.objects.create(follower=follower, followed=followed)


ACTS: dict[str, Callable[[User, User, Post], object]] = {
    "mention": lambda bob, alice, mine: post(bob, "Have a look, @alice!"),
    "reply": lambda bob, alice, mine: post(bob, "Is it so, @alice?", reply_to=mine),
    "quote": lambda bob, alice, mine: quote(bob, mine, "Says @alice."),
    "repost": lambda bob, alice, mine: repost(user=bob, post=mine),
    "like": lambda bob, alice, mine: like_post(user=bob, post=mine),
    "follow": lambda bob, alice, mine: follow(follower=bob, followed=alice),
    "follow_request": lambda bob, alice, mine: ask_to_follow(bob, alice),
}


@pytest.mark.parametrize("kind", ACTS)
def test_each_act_is_told_once(alice, bob, charlie, kind):
    mine = post(alice)
    ACTS[kind](bob, alice, mine)
    rows = list(OutboxEvent.objects.values("topic", "actor_id", "post_id", "person_id"))
    assert told(alice) == [(kind, ["bob"])]
    OutboxEvent.objects.bulk_create(OutboxEvent(**row) for row in rows)
    assert told(alice) == [(kind, ["bob"])]
    assert told(bob) == told(charlie) == []


@pytest.mark.parametrize("kind", [kind for kind in ACTS if "follow" not in kind])
def test_nobody_is_told_of_their_own_acts(alice, kind):
    ACTS[kind](alice, alice, post(alice))
    assert told(alice) == []


def test_a_request_that_is_accepted_becomes_a_follow(alice, bob):
    User.objects.filter(pk=alice.pk).update(requires_follow_approval=True)
    follow(follower=bob, followed=alice)
    assert told(alice) == [("follow_request", ["bob"])]
    accept_request(request=FollowRequest.objects.get())
    assert told(alice) == [("follow", ["bob"])]


def test_an_edit_is_told_to_those_who_passed_the_post_on(alice, bob, charlie):
    theirs = post(bob)
    repost(user=alice, post=theirs)
    quote(charlie, theirs)
    told(alice)
    edit_post(post=theirs, words=PostContent("Bread rises."))
    assert told(alice) == [("edit", ["bob"])]
    assert told(charlie) == [("edit", ["bob"])]
    mark_read(user=alice, up_to=Notification.objects.latest("pk").pk)
    assert unread_count(alice) == 0
    edit_post(post=theirs, words=PostContent("Bread does not rise."))
    assert told(alice) == [("edit", ["bob"])]
    assert unread_count(alice) == 1


def test_an_edit_tells_who_is_mentioned_since_and_forgets_who_is_no_more(alice, bob, charlie):
    theirs = post(bob, "Hello @alice")
    assert told(alice) == [("mention", ["bob"])]
    edit_post(post=theirs, words=PostContent("Hello @charlie"))
    assert told(alice) == []
    assert told(charlie) == [("mention", ["bob"])]


def test_the_staff_writes_to_one_person(alice, bob):
    send_staff_message(recipient=alice, text="Your report was right.", sent_by=bob)
    assert told(alice) == [("staff", [])]
    assert notification_page(alice, EVERYTHING).groups[0].message.text == "Your report was right."
    assert told(bob) == []


UNDONE: dict[str, Callable[[User, User, Post], object]] = {
    "mention": lambda bob, alice, mine: delete_post(post=Post.objects.get(author=bob)),
    "reply": lambda bob, alice, mine: delete_post(post=Post.objects.get(author=bob)),
    "quote": lambda bob, alice, mine: delete_post(post=Post.objects.get(author=bob)),
    "repost": lambda bob, alice, mine: delete_repost(user=bob, post=mine),
    "like": lambda bob, alice, mine: unlike_post(user=bob, post=mine),
    "follow": lambda bob, alice, mine: unfollow(follower=bob, followed=alice),
    "follow_request": lambda bob, alice, mine: FollowRequest.objects.all().delete(),
}


@pytest.mark.parametrize("when", ["before it is told", "after"])
@pytest.mark.parametrize("kind", UNDONE)
def test_what_is_undone_is_told_no_more(alice, bob, kind, when):
    mine = post(alice)
    told(alice)
    ACTS[kind](bob, alice, mine)
    if when == "after":
        assert told(alice) == [(kind, ["bob"])]
    UNDONE[kind](bob, alice, mine)
    assert told(alice) == []
    assert not Notification.objects.exists()


@pytest.mark.parametrize("kind", ["reply", "quote", "repost", "like"])
def test_what_was_said_of_a_deleted_post_goes_with_it(alice, bob, kind):
    mine = post(alice)
    ACTS[kind](bob, alice, mine)
    told(alice)
    delete_post(post=mine)
    assert {kind for kind, _ in told(alice)} <= {"reply", "quote"}


@pytest.mark.parametrize("kind", ACTS)
def test_blocks_mutes_and_suspensions_are_asked_for_at_reading(alice, bob, kind):
    ACTS[kind](bob, alice, post(alice))
    seen = told(alice)
    hide = [lambda: Mute.objects.create(muter=alice, muted=bob)]
    # A block takes these away for good, as it does follows.
    if kind not in ("like", "repost"):
        hide += [
            lambda: Block.objects.create(blocker=alice, blocked=bob),
            lambda: Block.objects.create(blocker=bob, blocked=alice),
        ]
    for act in hide:
        row = act()
        assert (told(alice), unread_count(alice)) == ([], 0)
        row.delete()
        assert (told(alice), unread_count(alice)) == (seen, 1)
    Mute.objects.create(muter=alice, muted=bob, hides_notifications=False)
    assert told(alice) == seen
    Mute.objects.update(hides_notifications=True, until=timezone.now())
    assert told(alice) == seen
    User.objects.filter(pk=bob.pk).update(suspended_at=timezone.now())
    assert (told(alice), unread_count(alice)) == ([], 0)


@pytest.mark.parametrize("kind", ["like", "repost"])
def test_a_block_ends_what_was_told_of_likes_and_reposts(alice, bob, kind):
    ACTS[kind](bob, alice, post(alice))
    assert told(alice)
    Block.objects.create(blocker=bob, blocked=alice).delete()
    assert (told(alice), unread_count(alice)) == ([], 0)


def test_a_post_that_can_be_read_no_more_is_told_no_more(alice, bob):
    theirs = post(bob, "Hello @alice", visibility="followers")
    assert told(alice) == [("mention", ["bob"])]
    Mention.objects.filter(post=theirs).delete()
    assert (told(alice), unread_count(alice)) == ([], 0)


def failed_draft(author: User, why: str = "It is gone.") -> Draft:
    draft = Draft.objects.create(
        author=author,
        key=uuid4(),
        fields={"text": "Scheduled"},
        publish_at=timezone.now(),
        failure=why,
    )
    emit(OutboxEvent.Topic.NOT_PUBLISHED, actor=author.pk, draft=draft.pk)
    return draft


def test_an_author_is_told_what_did_not_go_out_and_why(client, alice, bob):
    draft = failed_draft(alice)
    assert told(alice) == [("draft", [])]
    assert told(bob) == []
    client.force_login(alice)
    page = client.get("/notifications").content.decode()
    assert "Your scheduled post wasn’t published" in page
    assert "It is gone." in page
    assert f'href="/compose?draft={draft.pk}"' in page
    assert client.get(f"/compose?draft={draft.pk}").status_code == 200
    client.force_login(bob)
    assert client.get(f"/compose?draft={draft.pk}").status_code == 404


def test_a_failure_is_told_anew_each_time_and_as_long_as_it_is_one(alice):
    draft = failed_draft(alice)
    told(alice)
    mark_read(user=alice, up_to=Notification.objects.latest("pk").pk)
    emit(OutboxEvent.Topic.NOT_PUBLISHED, actor=alice.pk, draft=draft.pk)
    assert told(alice) == [("draft", [])]
    assert unread_count(alice) == 1
    unschedule(draft=draft)
    assert told(alice) == []
    emit(OutboxEvent.Topic.NOT_PUBLISHED, actor=alice.pk, draft=draft.pk)
    assert told(alice) == []
    second = failed_draft(alice)
    assert told(alice) == [("draft", [])]
    second.delete()
    assert told(alice) == []


def test_likes_reposts_and_follows_of_a_day_stand_together(alice):
    mine, other = post(alice), post(alice)
    fans = [person(f"fan{number}") for number in range(4)]
    for fan in fans:
        for act in ("like", "repost", "follow"):
            ACTS[act](fan, alice, mine)
        like_post(user=fan, post=other)
        post(fan, "Yes.", reply_to=mine)
    groups = told(alice)
    names = [fan.username for fan in reversed(fans)]
    assert sorted(kind for kind, _ in groups) == [
        "follow",
        "like",
        "like",
        *["reply"] * 4,
        "repost",
    ]
    assert all(people == names for kind, people in groups if kind != "reply")
    assert unread_count(alice) == 8


def test_days_are_apart(alice, bob, charlie):
    mine = post(alice)
    like_post(user=bob, post=mine)
    like_post(user=charlie, post=mine)
    told(alice)
    earlier = Notification.objects.get(actor=bob)
    Notification.objects.filter(pk=earlier.pk).update(
        id=min_id_at(time_of(earlier.pk) - timedelta(days=1))
    )
    assert told(alice) == [("like", ["charlie"]), ("like", ["bob"])]
    assert unread_count(alice) == 2


def pages(user: User, between: Callable[[], object] = lambda: None) -> list[list[tuple[str, int]]]:
    """Return all pages as kinds with the number of people; something may happen after the first."""
    found, place = [], None
    while True:
        page = notification_page(user, EVERYTHING, place)
        found.append(
            [(group.kind, group.post and group.post.pk, len(group.rows)) for group in page.groups]
        )
        place = page.following
        if place is None:
            return found
        between()


@pytest.fixture
def crowd(alice) -> list[Post]:
    """Thirty posts of Alice's, liked by three people in such an order that groups reach over the pages' ends."""
    mine = [post(alice, f"Note {number}") for number in range(30)]
    for fan in (person(), person(), person()):
        for one in mine:
            like_post(user=fan, post=one)
    dispatch_outbox()
    return mine


def test_each_group_is_on_one_page_whole(alice, crowd):
    found = pages(alice)
    assert [len(page) for page in found] == [20, 10]
    assert sorted(group for page in found for group in page) == [
        ("like", one.pk, 3) for one in crowd
    ]


def test_pages_stay_as_they_were_when_something_comes_meanwhile(alice, crowd):
    def more() -> None:
        like_post(user=person(), post=crowd[0])
        dispatch_outbox()

    assert pages(alice, more) == pages_before(alice, crowd)


def pages_before(alice: User, crowd: list[Post]) -> list[list[tuple[str, int, int]]]:
    newest_first = [("like", one.pk, 3) for one in reversed(crowd)]
    return [newest_first[:20], newest_first[20:]]


def test_a_page_looks_at_so_many_rows_and_says_that_there_are_more(alice, bob, crowd, monkeypatch):
    monkeypatch.setattr(selectors, "_WINDOW", 7)
    for fan in [person() for _ in range(20)]:
        like_post(user=fan, post=crowd[5])
    dispatch_outbox()
    first = notification_page(alice, EVERYTHING)
    assert [(group.others, group.has_more) for group in first.groups] == [(6, True)]
    found = pages(alice)
    shown = [pk for page in found for _, pk, _ in page]
    assert sorted(shown) == [one.pk for one in crowd]
    assert len(set(shown)) == len(shown)


def test_kinds_and_people_can_be_chosen(alice, bob, charlie):
    mine = post(alice)
    follow(follower=alice, followed=bob)
    for someone in (bob, charlie):
        for act in ACTS.values():
            act(someone, alice, mine)
    send_staff_message(recipient=alice, text="Welcome.", sent_by=bob)
    dispatch_outbox()
    seen = {
        kinds: {kind for kind, _ in told(alice, NotificationFilter(kinds))}
        for kinds in ("", *selectors.KINDS)
    }
    assert seen == {
        "": {*ACTS, "staff"},
        "mentions": {"mention", "reply", "quote"},
        "likes": {"like", "repost"},
        "follows": {"follow", "follow_request"},
        "other": {"staff"},
    }
    assert {
        name for _, people in told(alice, NotificationFilter("", "strangers")) for name in people
    } == {"charlie"}
    assert {
        name for _, people in told(alice, NotificationFilter("", "followed")) for name in people
    } == {"bob"}
    assert told(alice, NotificationFilter("mentions", "strangers")) == [
        ("quote", ["charlie"]),
        ("reply", ["charlie"]),
        ("mention", ["charlie"]),
    ]


def test_kinds_that_are_not_wanted_are_neither_shown_nor_counted(client, alice, bob):
    client.force_login(alice)
    mine = post(alice)
    like_post(user=bob, post=mine)
    post(bob, "Yes.", reply_to=mine)
    assert len(told(alice)) == unread_count(alice) == 2
    wanted = [kind for kind in Notification.Kind.values if kind != "like"]
    assert client.post("/settings/notifications", {"kinds": wanted}).status_code == 302
    assert told(alice) == [("reply", ["bob"])]
    assert unread_count(alice) == 1
    choose_kinds(user=alice, wanted=Notification.Kind.values)
    assert len(told(alice)) == 2
    assert client.post("/settings/notifications", {"kinds": ["weather"]}).status_code == 422


@pytest.fixture
def devices(alice) -> tuple[Client, Client]:
    devices = Client(), Client()
    for device in devices:
        device.force_login(alice)
    return devices


def unread_on(device: Client) -> str:
    html = device.get("/notifications/unread").content.decode()
    return html.partition(">")[2].partition("<")[0]


def test_what_was_read_on_one_device_is_read_on_the_other(alice, bob, devices):
    phone, desk = devices
    mine = post(alice)
    like_post(user=bob, post=mine)
    dispatch_outbox()
    assert unread_on(phone) == unread_on(desk) == "1"
    newest = phone.get("/notifications").context["page"].newest
    follow(follower=bob, followed=alice)
    dispatch_outbox()
    phone.post("/notifications/read", {"up_to": newest})
    assert unread_on(phone) == unread_on(desk) == "1"
    assert [group.is_new for group in desk.get("/notifications").context["page"].groups] == [
        True,
        False,
    ]
    assert desk.post("/notifications/read").url == "/notifications"
    assert unread_on(phone) == unread_on(desk) == ""
    assert "notification--new" not in phone.get("/notifications").content.decode()
    assert "Mark all as read" in phone.get("/notifications").content.decode()


def test_the_mark_goes_neither_back_nor_ahead(alice, bob, devices):
    like_post(user=bob, post=post(alice))
    dispatch_outbox()
    newest = Notification.objects.get().pk
    for up_to in ("99999999999999999999", "nonsense", str(newest - 5), "0"):
        devices[0].post("/notifications/read", {"up_to": up_to})
        alice.refresh_from_db()
        assert alice.notification_marker.last_read_id == newest
    like_post(user=person(), post=post(alice))
    dispatch_outbox()
    assert unread_on(devices[0]) == "1"


def test_many_are_counted_up_to_a_bound(alice, bob, devices):
    for _ in range(105):
        post(bob, "@alice!")
    dispatch_outbox()
    assert unread_count(alice) == 100
    assert unread_on(devices[0]) == "99+"
    assert "99+" in devices[0].get("/public").content.decode()


def test_whoever_is_logged_out_is_told_nothing_and_sent_nowhere(client, alice):
    assert client.get("/notifications/unread").status_code == 204
    assert client.get("/notifications")["Location"].startswith("/accounts/login/")
    assert "data-unread" not in client.get("/public").content.decode()


def test_strangers_see_only_their_own(alice, bob, charlie, devices):
    post(bob, "A secret for @alice", visibility="direct")
    dispatch_outbox()
    browser = Client()
    browser.force_login(charlie)
    assert "A secret" not in browser.get("/notifications").content.decode()
    assert "A secret" in devices[0].get("/notifications").content.decode()


def test_a_warning_stands_for_the_text(alice, bob, devices):
    mine = post(alice, "The butler did it.", warning="The end of a novel")
    like_post(user=bob, post=mine)
    dispatch_outbox()
    html = devices[0].get("/notifications").content.decode()
    assert "The end of a novel" in html
    assert "The butler did it." not in html


@pytest.mark.parametrize(
    "address", ["/notifications", "/notifications?kinds=mentions", "/notifications/unread"]
)
def test_the_cost_is_the_same_for_one_and_for_twenty(alice, devices, address):
    follow(follower=alice, followed=person("friend"))

    def everything(number: int) -> None:
        fan, mine = person(), post(alice)
        for act in ACTS.values():
            act(fan, alice, mine)
        send_staff_message(recipient=alice, text=f"Number {number}", sent_by=fan)
        dispatch_outbox()

    def cost() -> int:
        devices[0].get(address)
        with CaptureQueriesContext(connection) as captured:
            assert devices[0].get(address).status_code == 200
        return len(captured)

    everything(0)
    one = cost()
    for number in range(1, 20):
        everything(number)
    assert cost() == one
    # Session and person, and the count.
    assert address != "/notifications/unread" or one == 3


def test_counting_takes_one_query_on_each_page(alice, devices, django_assert_num_queries):
    with django_assert_num_queries(1):
        unread_count(alice)
    with CaptureQueriesContext(connection) as captured:
        devices[0].get("/compose")
    assert sum(") AS groups" in query["sql"] for query in captured.captured_queries) == 1


def test_the_staff_writes_from_the_admin(client, alice):
    client.force_login(person("root", is_staff=True, is_superuser=True))
    add = "/admin/timeline/staffmessage/add/"
    assert (
        "There is nobody of this name."
        in client.post(add, {"to": "@nobody", "text": "Hello"}).content.decode()
    )
    assert client.post(add, {"to": "@Alice", "text": "Hello"}).status_code == 302
    assert told(alice) == [("staff", [])]


@pytest.mark.django_db(transaction=True)
def test_while_people_are_told_of_a_post_it_can_be_liked_and_not_deleted():
    author, fan = person("author"), person("fan")
    mine = post(author, "Hello @fan")
    held, liked = Event(), Event()
    order: list[str] = []

    def tell_people() -> None:
        with transaction.atomic():
            assert lock_post(mine.pk)
            held.set()
            assert liked.wait(30)
            order.append("told")

    def like() -> None:
        assert held.wait(30)
        like_post(user=fan, post=mine)
        liked.set()

    def delete() -> None:
        assert liked.wait(30)
        delete_post(post=mine)
        order.append("deleted")

    assert together([tell_people, like, delete]) == [None] * 3
    assert order == ["told", "deleted"]


def test_a_like_taken_back_while_it_is_being_told(alice, bob):
    """Whoever is told last of a like that is gone is told nothing."""
    mine = post(alice)
    like_post(user=bob, post=mine)
    unlike_post(user=bob, post=mine)
    like_post(user=bob, post=mine)
    assert told(alice) == [("like", ["bob"])]
    unlike_post(user=bob, post=mine)
    assert told(alice) == []
