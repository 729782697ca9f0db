"""Put posts together to conversations: of each thread the part that hangs together from its first post on.

A message is taken only where everything that it answers is taken, so that each line of a conversation is made of posts
whose authors all share them.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from dataset_export.pipeline.recipe import Conversations

BROKEN = "broken_thread"
ALONE = "no_conversation"
TOO_LONG = "too_long_thread"


class Message(NamedTuple):
    """A post as a part of its thread."""

    post_id: int
    thread_id: int
    parent_id: int | None
    author: object


class ConversationPlan(NamedTuple):
    """Which posts are in a conversation, each with its index there, and why the others are not."""

    places: dict[int, int]
    reasons: dict[int, str]


def conversations(messages: Iterable[Message], rules: Conversations) -> ConversationPlan:
    """Return the places of the messages that make conversations; those of a thread come together."""
    threads = ConversationPlan({}, {})
    for _, thread in groupby(
        sorted(messages, key=attrgetter("thread_id", "post_id")), attrgetter("thread_id")
    ):
        _add(threads, list(thread), rules)
    return threads


def _add(threads: ConversationPlan, thread: Sequence[Message], rules: Conversations) -> None:
    whole = _connected(thread)
    taken = whole[: rules.maximum_messages]
    authors = {message.author for message in taken}
    if len(taken) < rules.minimum_messages or len(authors) < rules.minimum_authors:
        threads.reasons.update({message.post_id: ALONE for message in whole})
    else:
        threads.places.update({message.post_id: place for place, message in enumerate(taken)})
        threads.reasons.update({message.post_id: TOO_LONG for message in whole[len(taken) :]})
    connected = {message.post_id for message in whole}
    threads.reasons.update(
        {message.post_id: BROKEN for message in thread if message.post_id not in connected}
    )


def _connected(thread: Sequence[Message]) -> list[Message]:
    """Return the first post of a thread and what leads back to it, in the order of time."""
    found: list[Message] = []
    taken: set[int] = set()
    for message in thread:
        if message.parent_id in taken or (
            message.parent_id is None and message.post_id == message.thread_id
        ):
            found.append(message)
            taken.add(message.post_id)
    return found
