"""The counts of posts and polls: of what anyone may open, right whatever happened and by whichever way."""

import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Block, User
from accounts.services import block
from posts.models import Like, Poll, PollVote, Post
from posts.services import (
    PollDraft,
    PublishError,
    RepostError,
    VoteError,
    delete_post,
    like_post,
    recount,
    repost,
    unlike_post,
    vote,
)
from tests.factories import person, post

# What cannot be done changes nothing.
REFUSALS = (PublishError, RepostError, VoteError, Post.DoesNotExist, Poll.DoesNotExist)
ANY = PollDraft(("Rye", "Wheat", "Spelt"), hours=24, is_multiple=True)
NOBODY = AnonymousUser()
GONE = {
    "suspended": lambda user: User.objects.filter(pk=user.pk).update(suspended_at=timezone.now()),
    "closed": lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
    "deleted": lambda user: User.objects.get(pk=user.pk).delete(),
    "deleted among others": lambda user: User.objects.filter(pk=user.pk).delete(),
    "deleted in the admin": lambda user: delete_in_admin(user),
}


def delete_in_admin(user: User) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    client.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"})


def counts(one: Post) -> list[int]:
    one = Post.objects.get(pk=one.pk)
    return [one.like_count, one.reply_count, one.repost_count, one.quote_count]


def votes(one: Post) -> tuple[list[int], int]:
    poll = Poll.objects.get(post=one)
    return poll.counts, poll.voter_count


def counted(one: Post) -> list[int]:
    """Count what somebody who is logged out finds of it."""
    rows = Post.objects.visible_to(NOBODY)
    return [
        Like.objects.filter(
            post=one, user__is_active=True, user__suspended_at__isnull=True
        ).count(),
        rows.filter(reply_to=one, is_hidden_reply=False).count(),
        # A repost is open where its post is, which may not be so of the one that is counted for.
        Post.objects.by_active_authors()
        .filter(repost_of=one, visibility__in=[Post.Visibility.PUBLIC, Post.Visibility.UNLISTED])
        .count(),
        rows.filter(quote_of=one, quote_state=Post.Quote.SHOWN).count(),
    ]


def counted_votes(one: Post) -> tuple[list[int], int]:
    cast = PollVote.objects.filter(
        poll=one.pk, user__is_active=True, user__suspended_at__isnull=True
    )
    chosen = list(cast.values_list("choices", flat=True))
    return [sum(number in choices for choices in chosen) for number in range(3)], len(chosen)


def everything_by(user: User, one: Post) -> None:
    like_post(user=user, post=one)
    repost(user=user, post=one)
    vote(user=user, post=one, choices=[0, 2])
    post(user, "An answer", reply_to=one)
    post(user, "A quote", quote_of=one)


@pytest.mark.parametrize("visibility", Post.Visibility.values)
def test_only_answers_and_quotes_for_everyone_are_counted(visibility, alice, bob):
    asked = post(alice, "Asked")
    post(bob, "An answer", reply_to=asked, visibility=visibility)
    post(bob, "A quote", quote_of=asked, visibility=visibility)
    is_open = int(visibility in ("public", "unlisted"))
    assert counts(asked) == [0, is_open, 0, is_open]
    shape = Client().get(f"/api/v1/statuses/{asked.pk}").json()
    assert (shape["replies_count"], shape["quotes_count"]) == (is_open, is_open)


def test_what_the_author_hides_or_takes_out_is_not_counted(client, alice, bob):
    asked = post(alice, "Asked")
    answer, quote = post(bob, "An answer", reply_to=asked), post(bob, "A quote", quote_of=asked)
    client.force_login(alice)
    for acts, number in [(("hide", "detach"), 0), (("unhide", "attach"), 1)]:
        for act, about in zip(acts, (answer, quote), strict=True):
            client.post(f"/posts/{about.pk}/{act}")
        assert counts(asked) == [0, number, 0, number]


@pytest.mark.parametrize("way", GONE)
def test_what_an_account_did_counts_as_long_as_the_account_is_in_use(way, alice, bob, charlie):
    asked = post(alice, "Asked", poll=ANY)
    everything_by(bob, asked)
    everything_by(charlie, asked)
    assert (counts(asked), votes(asked)) == ([2, 2, 2, 2], ([2, 0, 2], 2))
    GONE[way](charlie)
    assert (counts(asked), votes(asked)) == ([1, 1, 1, 1], ([1, 0, 1], 1))
    User.objects.filter(pk=charlie.pk).update(is_active=True, suspended_at=None)
    back = 2 if way in ("suspended", "closed") else 1
    assert (counts(asked), votes(asked)) == ([back] * 4, ([back, 0, back], back))


def test_rows_that_change_or_go_without_a_service_are_counted_too(alice, bob):
    asked, other = post(alice, "Asked"), post(alice, "Other")
    answer = post(bob, "An answer", reply_to=asked)
    Post.objects.filter(pk=answer.pk).update(visibility=Post.Visibility.FOLLOWERS)
    assert counts(asked) == [0, 0, 0, 0]
    Post.objects.filter(pk=answer.pk).update(visibility=Post.Visibility.UNLISTED, reply_to=other)
    assert (counts(asked), counts(other)) == ([0, 0, 0, 0], [0, 1, 0, 0])
    Like.objects.bulk_create(
        [Like(user=user, post=one) for user in (alice, bob) for one in (asked, other)]
    )
    assert (counts(asked), counts(other)) == ([2, 0, 0, 0], [2, 1, 0, 0])
    Like.objects.filter(user=bob).delete()
    Post.objects.filter(pk=answer.pk).delete()
    assert (counts(asked), counts(other)) == ([1, 0, 0, 0], [1, 0, 0, 0])


def test_a_recount_puts_right_what_is_wrong(alice, bob, capsys):
    asked = post(alice, "Asked", poll=ANY)
    everything_by(bob, asked)
    assert recount() == 0
    Post.objects.filter(pk=asked.pk).update(like_count=7, quote_count=0)
    Poll.objects.filter(post=asked).update(counts=[5, 5, 5], voter_count=9)
    call_command("recount_posts")
    assert "2 counts were wrong" in capsys.readouterr().out
    assert (counts(asked), votes(asked)) == ([1, 1, 1, 1], ([1, 0, 1], 1))


def acts(chance: random.Random) -> dict[str, Callable[[User, User, Post], object]]:
    """Return what a person may do about a post; another is there for what takes two."""
    visibility = chance.choice(Post.Visibility.values)
    return {
        "like": lambda user, other, one: like_post(user=user, post=one),
        "unlike": lambda user, other, one: unlike_post(user=user, post=one),
        "repost": lambda user, other, one: repost(user=user, post=one),
        "answer": lambda user, other, one: post(
            user, "An answer", reply_to=one, visibility=visibility
        ),
        "quote": lambda user, other, one: post(
            user, "A quote", quote_of=one, visibility=visibility
        ),
        "ask": lambda user, other, one: post(user, "Which?", poll=ANY),
        "vote": lambda user, other, one: vote(
            user=user, post=one, choices=chance.sample(range(3), 2)
        ),
        "delete": lambda user, other, one: delete_post(post=one),
        "hide": lambda user, other, one: Post.objects.filter(reply_to=one).update(
            is_hidden_reply=True
        ),
        "detach": lambda user, other, one: Post.objects.filter(quote_of=one).update(
            quote_state="detached"
        ),
        "narrow": lambda user, other, one: Post.objects.filter(pk=one.pk).update(
            visibility=visibility
        ),
        "suspend": lambda user, other, one: GONE["suspended"](user),
        "let back": lambda user, other, one: User.objects.update(suspended_at=None, is_active=True),
        "close": lambda user, other, one: GONE["closed"](user),
        "leave": lambda user, other, one: GONE["deleted"](user),
        "block": lambda user, other, one: block(blocker=user, blocked=other),
        "unblock": lambda user, other, one: Block.objects.all().delete(),
    }


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.django_db
def test_after_whatever_people_did_counts_are_what_is_counted(seed):
    chance = random.Random(seed)
    for _ in range(6):
        post(person(), "Which?", poll=ANY)
    # Few end what makes it interesting.
    names = [*acts(chance), *["like", "repost", "answer", "quote", "vote"] * 4]
    done = []
    for _ in range(60):
        name = chance.choice(names)
        people, without_reposts = (
            list(User.objects.order_by("pk")),
            list(Post.objects.without_reposts().order_by("pk")),
        )
        if len(people) < 2 or not without_reposts:
            break
        user, other = chance.sample(people, 2)
        with suppress(*REFUSALS):
            acts(chance)[name](user, other, chance.choice(without_reposts))
        done.append(name)
    for one in Post.objects.without_reposts():
        assert counts(one) == counted(one), done
        if one.has_poll:
            assert votes(one) == counted_votes(one), done
    assert recount() == 0
    with connection.cursor() as cursor:
        # No reference points into the void.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
