"""Repost, bookmark, hide and detach: once, by those who may, with exact counts."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Follow, User
from accounts.services import block, follow
from posts.models import Bookmark, Like, PollVote, Post
from posts.services import PollDraft, RepostError, delete_post, delete_repost, like_post, repost
from tests.factories import person, post
from tests.threads import together


def reposts(one: Post) -> tuple[int, int]:
    """Return the count on the post and the rows behind it."""
    return Post.objects.get(pk=one.pk).repost_count, Post.objects.filter(repost_of=one).count()


@pytest.fixture
def browser(client, bob) -> Client:
    client.force_login(bob)
    return client


def test_each_act_and_its_undo_change_the_row_in_place(browser, alice, bob):
    theirs = post(alice)
    for act, undo, rows in [
        ("like", "unlike", Like.objects),
        ("bookmark", "unbookmark", Bookmark.objects),
        ("repost", "unrepost", Post.objects.filter(repost_of=theirs)),
    ]:
        for address, expected, other in [
            (act, 1, undo),
            (act, 1, undo),
            (undo, 0, act),
            (undo, 0, act),
        ]:
            part = browser.post(
                f"/posts/{theirs.pk}/{address}", headers={"HX-Request": "true"}
            ).content.decode()
            assert f'formaction="/posts/{theirs.pk}/{other}"' in part
            assert f'formaction="/posts/{theirs.pk}/{address}"' not in part
            assert "<html" not in part
            assert rows.all().count() == expected
        back = browser.post(
            f"/posts/{theirs.pk}/{act}", headers={"Referer": "http://testserver/public?max_id=7"}
        )
        assert back["Location"] == f"http://testserver/public?max_id=7#post-{theirs.pk}"


def test_an_act_on_a_reposts_number_is_about_the_post_itself(browser, alice, bob, charlie):
    theirs = post(alice)
    brought = repost(user=charlie, post=theirs)
    for act in ("like", "bookmark", "repost"):
        browser.post(f"/posts/{brought.pk}/{act}")
    theirs.refresh_from_db()
    assert (theirs.like_count, theirs.repost_count) == (1, 2)
    assert Bookmark.objects.get().post == theirs


def test_a_repost_stands_at_home_with_who_brought_it(browser, alice, bob, charlie):
    follow(follower=bob, followed=charlie)
    repost(user=charlie, post=post(alice, "Brought here"))
    page = browser.get("/").content.decode()
    assert "Brought here" in page
    assert "Reposted by" in page


@pytest.mark.parametrize("visibility", ["followers", "direct"])
def test_what_is_not_for_everyone_is_not_reposted(browser, alice, bob, visibility):
    follow(follower=bob, followed=alice)
    closed = post(alice, "Hello @bob", visibility=visibility)
    page = browser.post(f"/posts/{closed.pk}/repost", follow=True).content.decode()
    assert "Only public and unlisted posts can be reposted." in page
    with pytest.raises(RepostError):
        repost(user=bob, post=closed)
    assert reposts(closed) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_reposts_at_the_same_moment_are_counted_exactly():
    people = [person() for _ in range(8)]
    theirs = post(people[0])
    twice = [lambda one=one: repost(user=one, post=theirs) for one in [*people, *people]]
    assert not [result for result in together(twice) if isinstance(result, Exception)]
    assert reposts(theirs) == (8, 8)
    half = [*people[:4], *people[:4]]
    assert (
        together([lambda one=one: delete_repost(user=one, post=theirs) for one in half])
        == [None] * 8
    )
    assert reposts(theirs) == (4, 4)
    alice = people[0]
    mixed = [
        lambda: repost(user=alice, post=theirs),
        lambda: delete_repost(user=alice, post=theirs),
    ] * 4
    assert not [result for result in together(mixed) if isinstance(result, Exception)]
    count, rows = reposts(theirs)
    assert count == rows


def test_a_reply_is_hidden_and_shown_by_whom_it_answers(client, alice, bob, charlie):
    asked = post(alice, "Alice asks")
    reply = post(bob, "Bob answers", reply_to=asked)
    below = post(charlie, "Charlie answers Bob", reply_to=reply)
    own = post(alice, "Alice goes on", reply_to=asked)
    client.force_login(alice)
    for address, hidden in [("hide", True), ("hide", True), ("unhide", False)]:
        client.post(f"/posts/{reply.pk}/{address}")
        assert Post.objects.get(pk=reply.pk).is_hidden_reply == hidden
    assert {client.post(f"/posts/{one.pk}/hide").status_code for one in (below, own, asked)} == {
        404
    }
    client.force_login(bob)
    assert client.post(f"/posts/{reply.pk}/hide").status_code == 404


def test_a_quoted_author_takes_the_post_out_and_puts_it_back(client, alice, bob, charlie):
    quote = post(bob, "Look at this", quote_of=post(alice, "Quoted words"))
    client.force_login(alice)
    for address, shown in [("detach", False), ("detach", False), ("attach", True)]:
        client.post(f"/posts/{quote.pk}/{address}")
        page = Client().get(quote.get_absolute_url()).content.decode()
        assert ("Quoted words" in page) == shown
        assert ("detached by its author" in page) != shown
    for other in (bob, charlie):
        client.force_login(other)
        assert client.post(f"/posts/{quote.pk}/detach").status_code == 404


def test_what_stands_in_a_quote(client, alice, bob, charlie):
    quoted = post(alice, "Quoted words")
    inner = post(bob, "Look at this", quote_of=quoted)
    outer = post(charlie, "Look at that", quote_of=inner)
    shown = client.get(outer.get_absolute_url()).content.decode()
    assert "Look at this" in shown
    assert "Quoted words" not in shown
    assert "It quotes another post" in shown
    block(blocker=alice, blocked=charlie)
    client.force_login(charlie)
    assert "You can’t see the quoted post." in client.get(inner.get_absolute_url()).content.decode()
    delete_post(post=quoted)
    assert "The quoted post was deleted." in client.get(inner.get_absolute_url()).content.decode()


def test_who_is_suspended_takes_back_and_adds_nothing(client, alice, bob):
    """Else an account that nobody sees any more still counted, in likes, votes and followers."""
    liked, asked = (
        post(bob, "Liked before"),
        post(bob, "Asked", poll=PollDraft(("Rye", "Wheat"), hours=1)),
    )
    like_post(user=alice, post=liked)
    User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now())
    client.force_login(alice)
    answer = client.post(f"/posts/{asked.pk}/like", follow=True)
    assert "This account is suspended." in answer.content.decode()
    assert (
        client.post(f"/posts/{asked.pk}/repost", headers={"HX-Request": "true"})["HX-Refresh"]
        == "true"
    )
    client.post(f"/posts/{asked.pk}/vote", {"choice": "0"})
    client.post("/@bob/follow")
    asked.refresh_from_db()
    assert (asked.like_count, asked.repost_count, PollVote.objects.count()) == (0, 0, 0)
    assert not Follow.objects.exists()
    client.post(f"/posts/{liked.pk}/unlike")
    assert not Like.objects.exists()
