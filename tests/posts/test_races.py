"""A post is deleted at the moment at which others like, share, answer or keep it: nobody gets an error for that."""

import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import User
from common.models import OutboxEvent
from posts import services
from posts.models import Draft, Like, Poll, Post
from posts.services import ComposerState, PollDraft, PostContent
from tests.factories import person, post
from tests.threads import together
from timeline.event_handlers import dispatch_outbox

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4
# What a view has words for.
REFUSALS = (
    Post.DoesNotExist,
    Poll.DoesNotExist,
    services.PublishError,
    services.RepostError,
    services.EditError,
)
Act = Callable[[User, Post], object]


def faults(results: list[object]) -> list[object]:
    return [
        result
        for result in results
        if isinstance(result, Exception) and not isinstance(result, REFUSALS)
    ]


def like(user: User, one: Post) -> None:
    services.like_post(user=user, post=one)


def unlike(user: User, one: Post) -> None:
    services.unlike_post(user=user, post=one)


def repost(user: User, one: Post) -> None:
    services.repost(user=user, post=one)


def take_repost_back(user: User, one: Post) -> None:
    services.delete_repost(user=user, post=one)


def bookmark(user: User, one: Post) -> None:
    services.bookmark_post(user=user, post=one)


def vote(user: User, one: Post) -> None:
    services.vote(user=user, post=one, choices=[0])


def answer(user: User, one: Post) -> None:
    post(user, "An answer", reply_to=one)


def begin_an_answer(user: User, one: Post) -> None:
    services.save_draft(
        author=user, written=ComposerState(uuid.uuid4(), {"text": "An answer"}, one)
    )


def edit(user: User, one: Post) -> None:
    services.edit_post(post=one, words=PostContent(f"Said by @{user.username} of #bread"))


def hear_the_news(user: User, one: Post) -> None:
    dispatch_outbox()


@pytest.mark.parametrize(
    ("before", "act"),
    [
        ((), like),
        ((like,), unlike),
        ((), repost),
        ((repost,), take_repost_back),
        ((), bookmark),
        ((), vote),
        ((), answer),
        ((), begin_an_answer),
        ((), edit),
        ((like, repost, answer), hear_the_news),
    ],
    ids=lambda value: (
        value.__name__
        if callable(value)
        else " ".join(each.__name__ for each in value) or "nothing"
    ),
)
def test_a_post_goes_while_others_act_on_it(before: tuple[Act, ...], act: Act):
    author, people = person(), [person() for _ in range(5)]
    found: list[object] = []
    for _ in range(ROUNDS):
        one = post(author, "To be deleted", poll=PollDraft(("Rye", "Wheat"), hours=1))
        for did in before:
            for user in people:
                did(user, one)
        calls = [
            *(partial(act, user, one) for user in people),
            partial(services.delete_post, post=one),
        ]
        found += faults(together(calls))
        assert not Post.objects.filter(pk=one.pk).exists()
        assert not Like.objects.filter(post=one.pk).exists()
    assert found == []
    assert not OutboxEvent.objects.filter(attempts__gt=0).exists()


def test_two_who_answer_and_quote_the_same_crosswise():
    alice, bob = person(), person()
    found: list[object] = []
    for _ in range(ROUNDS):
        one, other = post(alice, "One"), post(alice, "Other")
        both = [
            partial(post, alice, "Both", reply_to=one, quote_of=other),
            partial(post, bob, "Both", reply_to=other, quote_of=one),
        ]
        found += faults(together([*both, partial(services.delete_post, post=other)]))
    assert found == []


def test_a_post_that_is_due_is_scheduled_anew():
    alice = person()
    found: list[object] = []
    for _ in range(ROUNDS):
        written = ComposerState(uuid.uuid4(), {"text": "Now"})
        draft = scheduled(alice, written)
        publish = partial(services.publish_when_due, draft_id=draft.pk)
        found += faults(together([publish, partial(scheduled, alice, written)]))
    assert found == []


def scheduled(author: User, written: ComposerState) -> Draft:
    drafts = [services.PostInput("Now", publish_key=written.key)]
    return services.schedule_post(
        author=author, written=written, drafts=drafts, publish_at=timezone.now()
    )


@pytest.mark.parametrize("act", [services.redraft, services.undo_publishing])
def test_two_clicks_that_take_a_post_back_make_one_draft(act: Callable[..., Draft]):
    one = post(person(), "Too soon")
    results = together([partial(act, post=one)] * 4)
    assert {draft.pk for draft in results if isinstance(draft, Draft)} == {Draft.objects.get().pk}
    assert len(faults(results)) == 0
