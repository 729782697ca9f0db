"""Polls: begun with a post, voted in once, counted exactly, and ended with one piece of news."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from accounts.services import block
from common.models import OutboxEvent
from posts.models import Draft, Poll, PollVote, Post
from posts.presentation.hydrate import hydrate_posts
from posts.services import PollDraft, VoteError, publish_when_due, redraft, vote
from posts.tasks import close_polls
from tests.factories import person, post
from tests.threads import together
from timeline.event_handlers import dispatch_outbox
from timeline.models import Notification

TWO = PollDraft(("Rye", "Wheat"), hours=24)
ANY = PollDraft(("Rye", "Wheat", "Spelt"), hours=24, is_multiple=True)
HIDDEN = PollDraft(("Rye", "Wheat"), hours=24, hides_results=True)


def counts(asked: Post) -> tuple[list[int], int]:
    poll = Poll.objects.get(post=asked)
    return poll.counts, poll.voter_count


def ballot(asked: Post, viewer: User | AnonymousUser):
    (card,) = hydrate_posts(list(Post.objects.with_card_data(viewer).filter(pk=asked.pk)), viewer)
    return card.poll


def ended(asked: Post) -> Post:
    Poll.objects.filter(post=asked).update(ends_at=timezone.now() - timedelta(seconds=1))
    return asked


def fields(*answers: str, **more: str) -> dict[str, str]:
    return {
        "text": "Which?",
        **{f"poll-option_{number}": text for number, text in enumerate(answers)},
        **more,
    }


def test_a_poll_from_the_composer_to_its_counts(client, alice, bob):
    client.force_login(alice)
    client.post(
        "/compose", fields("Rye", "", " Wheat ", **{"poll-hours": "6", "poll-is_multiple": "on"})
    )
    asked = Post.objects.get()
    made = Poll.objects.get(post=asked)
    assert (asked.has_poll, made.options, made.is_multiple, made.hides_results) == (
        True,
        ["Rye", "Wheat"],
        True,
        False,
    )
    assert timedelta(hours=5) < made.ends_at - timezone.now() <= timedelta(hours=6)
    client.force_login(bob)
    part = client.post(
        f"/posts/{asked.pk}/vote", {"choice": ["0", "1"]}, headers={"HX-Request": "true"}
    )
    assert "Your vote" in part.content.decode()
    assert counts(asked) == ([1, 1], 1)


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        (("Rye",), "two answers at least"),
        (("Rye", " rye "), "there already"),
        (("Rye", "x" * 51), "at most 50"),
    ],
)
def test_what_is_no_poll_is_said_beside_it(client, alice, answers, complaint):
    client.force_login(alice)
    refused = client.post("/compose", fields(*answers))
    assert refused.status_code == 422
    assert complaint in refused.content.decode()
    # The options stay folded, so that the poll is near.
    assert not refused.context["form"].has_wrong_option
    assert not Post.objects.exists()


def test_blank_answers_are_no_poll(client, alice):
    client.force_login(alice)
    client.post("/compose", fields("", " ", "\u200b"))
    assert not Post.objects.get().has_poll


@pytest.mark.parametrize(
    ("draft", "choices", "complaint"),
    [
        (TWO, [], "Choose one"),
        (TWO, ["2"], "Choose one"),
        (TWO, ["x"], "Choose one"),
        (TWO, ["9" * 30], "Choose one"),
        (TWO, ["0", "1"], "Only one"),
        (ANY, ["0", "3"], "Choose one"),
    ],
)
def test_what_is_no_choice(client, alice, bob, draft, choices, complaint):
    asked = post(alice, poll=draft)
    client.force_login(bob)
    for headers in ({}, {"HX-Request": "true"}):
        refused = client.post(f"/posts/{asked.pk}/vote", {"choice": choices}, headers=headers)
        assert refused.status_code == 422
        assert complaint in refused.content.decode()
    assert counts(asked) == ([0] * len(draft.options), 0)


def test_who_may_not_vote(client, alice, bob, charlie):
    asked = post(alice, poll=TWO)
    vote(user=bob, post=asked, choices=[0])
    for user, complaint in [(alice, "your own"), (bob, "voted already")]:
        with pytest.raises(VoteError, match=complaint):
            vote(user=user, post=asked, choices=[1])
    block(blocker=alice, blocked=charlie)
    client.force_login(charlie)
    assert client.post(f"/posts/{asked.pk}/vote", {"choice": "0"}).status_code == 404
    with pytest.raises(VoteError, match="ended"):
        vote(user=person(), post=ended(asked), choices=[0])
    client.force_login(bob)
    assert client.post(f"/posts/{post(alice).pk}/vote", {"choice": "0"}).status_code == 404
    assert counts(asked) == ([1, 0], 1)


def test_hidden_counts_are_shown_to_voters_and_at_the_end(client, alice, bob, charlie):
    asked = post(alice, poll=HIDDEN)
    vote(user=bob, post=asked, choices=[1])
    readers = (alice, bob, charlie, AnonymousUser())
    assert [ballot(asked, reader).shows_counts for reader in readers] == [False, True, False, False]
    assert [ballot(asked, reader).may_vote for reader in (alice, bob, charlie)] == [
        False,
        False,
        True,
    ]
    assert "100 %" not in client.get(asked.get_absolute_url()).content.decode()
    assert [ballot(ended(asked), reader).shows_counts for reader in readers] == [True] * 4
    assert "100 %" in client.get(asked.get_absolute_url()).content.decode()


def test_percents_are_of_people(alice):
    asked = post(alice, poll=ANY)
    for choices in ([0], [0, 1], [0, 1]):
        vote(user=person(), post=asked, choices=choices)
    assert [option.percent for option in ballot(asked, alice).options] == [100, 67, 0]


def test_polls_come_with_the_cards(django_assert_num_queries, alice, bob):
    asked = [post(alice, poll=TWO) for _ in range(20)]
    vote(user=bob, post=asked[0], choices=[1])
    with django_assert_num_queries(1):
        cards = hydrate_posts(list(Post.objects.with_card_data(bob).order_by("pk")), bob)
    assert [card.poll.may_vote for card in cards if card.poll] == [False] + [True] * 19
    assert [option.is_mine for option in cards[0].poll.options] == [False, True]


@pytest.mark.django_db(transaction=True)
def test_votes_at_the_same_moment_are_counted_exactly():
    asked = post(person(), poll=ANY)
    people = [person() for _ in range(8)]
    votes = [
        lambda user=user, number=number: vote(user=user, post=asked, choices=[number % 3, 2])
        for number, user in enumerate(people)
        for _ in range(2)
    ]
    refused = [result for result in together(votes) if result is not None]
    assert len(refused) == 8
    assert all(isinstance(result, VoteError) for result in refused)
    cast = [set(choices) for choices in PollVote.objects.values_list("choices", flat=True)]
    assert counts(asked) == ([sum(number in choices for choices in cast) for number in range(3)], 8)


@pytest.mark.django_db(transaction=True)
def test_the_end_is_told_once_to_the_author_and_the_voters():
    author, voter, other = person(), person(), person()
    asked, still = post(author, poll=TWO), post(author, poll=TWO)
    vote(user=voter, post=asked, choices=[0])
    vote(user=other, post=still, choices=[0])
    ended(asked)
    together([close_polls] * 4)
    close_polls()
    assert list(
        OutboxEvent.objects.filter(topic="poll_ended").values_list("post_id", flat=True)
    ) == [asked.pk]
    dispatch_outbox()
    told = Notification.objects.filter(kind="poll").order_by("recipient")
    assert list(told.values_list("recipient", "post")) == [
        (author.pk, asked.pk),
        (voter.pk, asked.pk),
    ]


def test_a_poll_is_kept_with_a_draft_and_with_a_post_that_is_written_anew(client, alice):
    client.force_login(alice)
    later = {"publish_at": "2000-01-01T00:00"}
    shown = client.post("/compose", fields("Rye", "Wheat") | later).content.decode()
    assert 'value="Wheat"' in shown
    asked = post(alice, poll=HIDDEN)
    draft = redraft(post=asked)
    shown = client.get(f"/compose?draft={draft.pk}").content.decode()
    assert 'value="Wheat"' in shown
    client.post("/compose", draft.fields | {"publish_key": str(draft.key)})
    assert Poll.objects.get().options == ["Rye", "Wheat"]
    assert Poll.objects.get().hides_results


def test_a_scheduled_post_brings_its_poll(client, alice):
    client.force_login(alice)
    soon = (timezone.now() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    client.post("/compose", fields("Rye", "Wheat", publish_at=soon, zone="UTC"))
    draft = Draft.objects.get()
    Draft.objects.update(publish_at=timezone.now())
    publish_when_due(draft_id=draft.pk)
    assert Poll.objects.get().options == ["Rye", "Wheat"]
