"""Blocks and mutes: who is parted from whom, and what that takes away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Block, Follow, FollowRequest, ListMember, Mute, User
from accounts.selectors import relationship, suggested_users
from accounts.services import (
    BlockError,
    FollowError,
    block,
    create_list,
    follow,
    mute,
    set_list_memberships,
    unblock,
    unmute,
)
from posts.models import Like, Mention, Post
from posts.services import PublishError, like_post, repost
from tests.factories import person, post
from tests.threads import together


def epoch(user: User) -> int:
    return User.objects.get(pk=user.pk).home_timeline_version


def test_a_block_ends_what_there_was_between_two_people(alice, bob, charlie):
    follow(follower=alice, followed=bob)
    follow(follower=bob, followed=alice)
    follow(follower=charlie, followed=alice)
    User.objects.filter(pk=alice.pk).update(requires_follow_approval=True)
    FollowRequest.objects.create(follower=bob, followed=alice)
    for owner, member in [(alice, bob), (bob, alice)]:
        mine = create_list(owner=owner, title="Friends", replies="list", is_exclusive=False)
        set_list_memberships(owner=owner, member=member, lists=[mine.pk])
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
        with pytest.raises(PublishError, match="deleted"):
            post(alice, "I answer.", **{reference: theirs})
    with pytest.raises(FollowError):
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
        assert hidden not in suggested_users(viewer)
    client.force_login(bob)
    assert "@alice" not in client.get("/@charlie/following").content.decode()
    assert "This person has blocked you." in client.get("/@alice").content.decode()
    client.force_login(alice)
    assert "You blocked this user" in client.get("/@bob").content.decode()
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
    for act in (
        lambda: block(blocker=alice, blocked=alice),
        lambda: mute(muter=alice, muted=alice),
    ):
        with pytest.raises(BlockError):
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
        acts = [
            lambda: block(blocker=alice, blocked=bob),  # noqa: B023
            lambda: follow(follower=bob, followed=alice),  # noqa: B023
        ] * 4
        together(acts)
        assert Block.objects.filter(blocker=alice).count() == 1
        assert not Follow.objects.filter(follower=bob).exists()


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_a_block_takes_each_out_of_what_the_other_left(client, alice, bob, charlie, blocker):
    """Whoever blocks: else one could leave words under a post and keep its author from ever seeing them."""
    mine = post(alice, "Words of Alice")
    nasty, quote = (
        post(bob, "A nasty answer", reply_to=mine),
        post(bob, "A nasty quote", quote_of=mine),
    )
    theirs = post(bob, "Words of Bob")
    back, quoted_back = (
        post(alice, "I answer", reply_to=theirs),
        post(alice, "I quote", quote_of=theirs),
    )
    for user, one in [(bob, mine), (alice, theirs), (charlie, mine)]:
        like_post(user=user, post=one)
        repost(user=user, post=one)
    people = {"alice": (alice, bob), "bob": (bob, alice)}
    block(blocker=people[blocker][0], blocked=people[blocker][1])
    page = client.get(mine.get_absolute_url()).content.decode()
    assert "1 reply hidden by the author" in page
    assert "Words of Alice" not in client.get(quote.get_absolute_url()).content.decode()
    assert "Words of Bob" not in client.get(quoted_back.get_absolute_url()).content.decode()
    for one in (mine, theirs, nasty, quote, back, quoted_back):
        one.refresh_from_db()
    assert (nasty.is_hidden_reply, back.is_hidden_reply) == (True, True)
    assert (quote.quote_state, quoted_back.quote_state) == ("detached", "detached")
    # What others did stays.
    counts = [
        (one.like_count, one.reply_count, one.repost_count, one.quote_count)
        for one in (mine, theirs)
    ]
    assert counts == [(1, 0, 1, 0), (0, 0, 0, 0)]
    assert list(Like.objects.values_list("user__username", flat=True)) == ["charlie"]
    assert list(
        Post.objects.exclude(repost_of=None).values_list("author__username", flat=True)
    ) == ["charlie"]
    # A list and its count say the same to everybody.
    client.force_login(alice)
    assert "A nasty quote" not in client.get(f"{mine.get_absolute_url()}/quotes").content.decode()
    assert client.get(f"/api/v1/statuses/{mine.pk}").json()["quotes_count"] == 0


def test_what_a_block_took_away_comes_back_only_by_hand(client, alice, bob):
    mine = post(alice, "Words of Alice")
    answer, quote = post(bob, "An answer", reply_to=mine), post(bob, "A quote", quote_of=mine)
    block(blocker=bob, blocked=alice)
    client.force_login(alice)
    for act, about in (("unhide", answer), ("attach", quote)):
        assert client.post(f"/posts/{about.pk}/{act}").status_code == 404
    unblock(blocker=bob, blocked=alice)
    assert Post.objects.get(pk=quote.pk).quote_state == "detached"
    assert "Restore" in client.get(f"{mine.get_absolute_url()}/quotes").content.decode()
    for act, about in (("unhide", answer), ("attach", quote)):
        assert client.post(f"/posts/{about.pk}/{act}").status_code == 302
    mine.refresh_from_db()
    assert (mine.reply_count, mine.quote_count) == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reference", ["reply_to", "quote_of"])
def test_a_block_at_the_moment_of_an_answer_or_a_quote_parts_them_all_the_same(reference):
    for _ in range(3):
        author, other = person(), person()
        mine = post(author, "Words")
        together(
            [
                lambda author=author, other=other: block(blocker=author, blocked=other),
                lambda other=other, mine=mine: post(other, "Mine", **{reference: mine}),
            ]
        )
        mine.refresh_from_db()
        assert (mine.reply_count, mine.quote_count) == (0, 0)
