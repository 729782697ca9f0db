"""Blocks and mutes: who is parted from whom, and what that takes away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Block, Follow, FollowRequest, ListMember, Mute, User
from accounts.selectors import people_to_meet, relationship
from accounts.services import (
    CannotBlock,
    CannotFollow,
    block,
    create_list,
    follow,
    mute,
    put_into_lists,
    unblock,
    unmute,
)
from posts.models import Mention
from posts.services import CannotPublish
from tests.factories import person, post
from tests.threads import together


def epoch(user: User) -> int:
    return User.objects.get(pk=user.pk).home_epoch


def test_a_block_ends_what_there_was_between_two_people(alice, bob, charlie):
    follow(follower=alice, followed=bob)
    follow(follower=bob, followed=alice)
    follow(follower=charlie, followed=alice)
    User.objects.filter(pk=alice.pk).update(approves_followers=True)
    FollowRequest.objects.create(follower=bob, followed=alice)
    for owner, member in [(alice, bob), (bob, alice)]:
        mine = create_list(owner=owner, title="Friends", replies="list", is_exclusive=False)
        put_into_lists(owner=owner, member=member, lists=[mine.pk])
    for _ in range(2):
        block(blocker=alice, blocked=bob)
        assert Block.objects.count() == 1
        assert list(Follow.objects.values_list("follower__username", flat=True)) == ["charlie"]
        assert not FollowRequest.objects.exists()
        assert not ListMember.objects.exists()
    unblock(blocker=alice, blocked=bob)
    assert not Block.objects.exists()
    assert Follow.objects.count() == 1


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_across_a_block_nobody_follows_answers_quotes_or_mentions(alice, bob, blocker):
    theirs = post(bob, "Words of Bob")
    people = {"alice": alice, "bob": bob}
    block(blocker=people[blocker], blocked=people[{"alice": "bob", "bob": "alice"}[blocker]])
    for reference in ("reply_to", "quote_of"):
        with pytest.raises(CannotPublish, match="deleted"):
            post(alice, "I answer.", **{reference: theirs})
    with pytest.raises(CannotFollow):
        follow(follower=alice, followed=bob)
    assert not Mention.objects.filter(post=post(alice, "Hello @bob")).exists()
    theirs.refresh_from_db()
    assert (theirs.reply_count, theirs.quote_count) == (0, 0)


def test_neither_sees_the_other(client, alice, bob, charlie):
    follow(follower=charlie, followed=alice)
    follow(follower=bob, followed=charlie)
    for writer in (alice, bob):
        post(writer, f"Words of {writer.username}")
    block(blocker=alice, blocked=bob)
    for viewer, hidden in [(alice, bob), (bob, alice)]:
        client.force_login(viewer)
        words = f"Words of {hidden.username}"
        for address in ("/public", f"/@{hidden.username}"):
            assert words not in client.get(address).content.decode(), (viewer, address)
        assert client.get(f"/@{hidden.username}/followers").status_code == 404
        assert hidden not in people_to_meet(viewer)
    client.force_login(bob)
    assert "@alice" not in client.get("/@charlie/following").content.decode()
    assert "This person has blocked you." in client.get("/@alice").content.decode()
    client.force_login(alice)
    assert "You block this person" in client.get("/@bob").content.decode()
    assert "@bob" not in client.get("/@charlie/followers").content.decode()


def test_a_block_is_made_and_taken_back_on_pages(client, alice, bob):
    client.force_login(alice)
    assert client.post("/@BOB/block")["Location"] == "/@bob"
    assert relationship(alice, bob).is_blocking
    assert relationship(bob, alice).is_blocked
    assert "@bob" in client.get("/settings/blocks").content.decode()
    User.objects.filter(pk=bob.pk).update(suspended_at=timezone.now())
    assert client.post("/@bob/unblock")["Location"] == "/settings/blocks"
    assert not Block.objects.exists()


def test_nobody_blocks_or_mutes_themselves(client, alice):
    for act in (lambda: block(blocker=alice, blocked=alice), lambda: mute(muter=alice, muted=alice)):
        with pytest.raises(CannotBlock):
            act()
    client.force_login(alice)
    assert {client.post(f"/@alice/{act}").status_code for act in ("block", "mute")} == {404}


def test_what_may_bring_older_posts_home_renews_it(alice, bob):
    def renewed(act) -> bool:
        before = epoch(alice)
        act()
        return epoch(alice) > before

    assert renewed(lambda: follow(follower=alice, followed=bob))
    assert not renewed(lambda: follow(follower=alice, followed=bob))
    mute(muter=alice, muted=bob)
    assert renewed(lambda: unmute(muter=alice, muted=bob))
    assert not renewed(lambda: unmute(muter=alice, muted=bob))
    block(blocker=bob, blocked=alice)
    assert not renewed(lambda: unblock(blocker=alice, blocked=bob))
    assert renewed(lambda: unblock(blocker=bob, blocked=alice))


def test_a_mute_runs_out(client, alice, bob):
    follow(follower=alice, followed=bob)
    post(bob, "Words of Bob")
    client.force_login(alice)
    assert client.post("/@bob/mute", {"hours": "1"})["Location"] == "/@bob"
    muted = Mute.objects.get()
    assert timedelta(minutes=59) < muted.until - timezone.now() <= timedelta(hours=1)
    assert not muted.hides_notifications
    assert "Words of Bob" not in client.get("/").content.decode()
    assert "Words of Bob" in client.get("/@bob").content.decode()
    assert "@bob" in client.get("/settings/mutes").content.decode()
    Mute.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert "Words of Bob" in client.get("/").content.decode()
    assert "@bob" not in client.get("/settings/mutes").content.decode()
    client.post("/@bob/mute", {"hours": "0", "hides_notifications": "on"})
    muted.refresh_from_db()
    assert (muted.until, muted.hides_notifications) == (None, True)


def test_a_mute_for_no_time_that_is_offered_is_refused(client, alice, bob):
    client.force_login(alice)
    for hours in ("", "5", "x", "-1"):
        assert client.post("/@bob/mute", {"hours": hours}).status_code == 422
    assert not Mute.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_block_and_a_follow_at_the_same_moment():
    for _ in range(5):
        alice, bob = person(), person()
        acts = [lambda: block(blocker=alice, blocked=bob), lambda: follow(follower=bob, followed=alice)] * 4  # noqa: B023
        together(acts)
        assert Block.objects.filter(blocker=alice).count() == 1
        assert not Follow.objects.filter(follower=bob).exists()
