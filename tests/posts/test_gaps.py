"""Where posts of a conversation are missing for a reader, a gap stands, and both ways lead past it."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import block, mute
from posts.models import Post
from posts.services import delete_post
from tests.factories import person, post

UNSEEN, DELETED = "This post isn’t available to you.", "This post was deleted."
LEFT_OUT = "You muted or filtered this post."


def chain(*people: User) -> list[Post]:
    """Return posts by these people, each of which answers the one before."""
    made: list[Post] = []
    for number, user in enumerate(people):
        made.append(post(user, f"Post {number}", reply_to=made[-1] if made else None))
    return made


def body(client: Client, one: Post) -> str:
    return client.get(one.get_absolute_url()).content.decode()


def around(one: Post) -> tuple[list[int], list[int]]:
    context = Client().get(f"/api/v1/statuses/{one.pk}/context").json()
    above, below = (
        [int(shape["id"]) for shape in context[side]] for side in ("ancestors", "descendants")
    )
    return above, below


def take_away(way: str, one: Post) -> None:
    if way == "deleted":
        delete_post(post=one)
    elif way == "with its account":
        User.objects.get(pk=one.author_id).delete()
    elif way == "suspended":
        User.objects.filter(pk=one.author_id).update(suspended_at=timezone.now())
    else:
        Post.objects.filter(pk=one.pk).update(visibility=way)


@pytest.mark.parametrize("way", ["deleted", "with its account", "suspended", "followers", "direct"])
def test_both_ways_lead_past_what_is_missing(client, alice, bob, charlie, way):
    first, second, third, fourth = chain(alice, bob, charlie, alice)
    take_away(way, second)
    words = DELETED if way in ("deleted", "with its account") else UNSEEN
    up, down = body(client, third), body(client, first)
    for page in (up, down):
        assert page.count(words) == 1
        assert "Post 1" not in page
        assert page.index("Post 0</") < page.index(words) < page.index(">Post 2</")
    assert around(fourth) == ([first.pk, third.pk], [])
    assert around(first) == ([], [third.pk, fourth.pk])
    shape = Client().get(f"/api/v1/statuses/{third.pk}").json()
    assert (shape["in_reply_to_id"], shape["in_reply_to_account_id"]) == (None, None)


def test_both_ways_lead_past_several_that_are_missing(client, alice, bob, charlie):
    first, second, third, last = chain(alice, bob, bob, charlie)
    other = post(alice, "Post 4", reply_to=last)
    delete_post(post=second)
    take_away("followers", third)
    assert around(last) == ([first.pk], [other.pk])
    assert around(first) == ([], [last.pk, other.pk])
    assert body(client, first).count("thread__gap") == body(client, last).count("thread__gap") == 1
    delete_post(post=third)
    assert around(last) == ([first.pk], [other.pk])
    delete_post(post=first)
    assert around(last) == ([], [other.pk])
    assert DELETED in body(client, last)


def test_an_account_that_wrote_all_in_between_leaves_one_gap(client, alice, bob):
    first, *_, last = chain(alice, bob, bob, bob, alice)
    bob.delete()
    assert around(first) == ([], [last.pk])
    assert around(last) == ([first.pk], [])
    assert body(client, last).count(DELETED) == 1


def test_what_is_missing_and_has_no_answer_leaves_no_gap(client, alice, bob):
    asked = post(alice, "Post 0")
    post(bob, "Post 1", reply_to=asked, visibility="direct")
    delete_post(post=post(bob, "Post 2", reply_to=asked))
    page = body(client, asked)
    assert "thread__gap" not in page
    assert "No replies yet" in page


def test_an_answer_that_only_others_may_read_past_a_gap_leaves_none(client, alice, bob, charlie):
    asked, second, third = chain(alice, bob, charlie)
    for one in (second, third):
        take_away("direct", one)
    assert "thread__gap" not in body(client, asked)


def test_across_a_block_and_behind_a_mute_the_conversation_goes_on(client, alice, bob, charlie):
    first, _, third = chain(alice, bob, charlie)
    reader = person()
    client.force_login(reader)
    mute(muter=reader, muted=bob)
    page = body(client, first)
    assert page.index(LEFT_OUT) < page.index(">Post 2</")
    # What is muted stands above an answer all the same.
    assert "Post 1" in body(client, third)
    block(blocker=bob, blocked=reader)
    for page in (body(client, first), body(client, third)):
        assert UNSEEN in page
        assert "Post 1" not in page


def test_gaps_stand_on_the_page_among_whose_replies_they_are(client, alice, bob, charlie):
    asked = post(alice, "Asked")
    for number in range(25):
        if number in (3, 22):
            delete_post_below(asked, bob, charlie, f"Past {number}")
        post(bob, f"Reply {number}", reply_to=asked)
    first = client.get(asked.get_absolute_url()).context
    second = client.get(first["replies"].next_url).context
    found = [[one.text for way in page["gaps"] for one in way.posts] for page in (first, second)]
    assert found == [["Past 3"], ["Past 22"]]


def delete_post_below(asked: Post, author: User, answering: User, text: str) -> None:
    gone = post(author, "Gone", reply_to=asked)
    post(answering, text, reply_to=gone)
    delete_post(post=gone)
