import pytest

from dataset_export.pipeline.conversation_plan import Message, conversations
from dataset_export.pipeline.recipe import Conversations

RULES = Conversations(minimum_messages=2, maximum_messages=4, minimum_authors=2)


def thread(*posts, root=1):
    """Return messages, each given as (post, the post it answers, author)."""
    return [Message(post, root, parent, author) for post, parent, author in posts]


@pytest.mark.parametrize(
    ("messages", "places", "reasons"),
    [
        ([], {}, {}),
        (thread((1, None, "a")), {}, {1: "no_conversation"}),
        (thread((1, None, "a"), (2, 1, "b")), {1: 0, 2: 1}, {}),
        # Somebody who answers only themselves has no conversation.
        (thread((1, None, "a"), (2, 1, "a")), {}, {1: "no_conversation", 2: "no_conversation"}),
        # The first post is not shared.
        (thread((2, 1, "b"), (3, 2, "a")), {}, {2: "broken_thread", 3: "broken_thread"}),
        # One in the middle is not shared: what answers it is out, what does not is in.
        (
            thread((1, None, "a"), (3, 2, "a"), (4, 1, "c"), (5, 3, "b")),
            {1: 0, 4: 1},
            {3: "broken_thread", 5: "broken_thread"},
        ),
        # A reply whose parent is deleted stands in the thread, and answers nothing.
        (thread((1, None, "a"), (2, None, "b")), {}, {1: "no_conversation", 2: "broken_thread"}),
        (
            thread((1, None, "a"), *((post, 1, "b") for post in range(2, 7))),
            {1: 0, 2: 1, 3: 2, 4: 3},
            {5: "too_long_thread", 6: "too_long_thread"},
        ),
        # Threads keep apart, in whatever order they come.
        (
            [*thread((9, 2, "b"), (2, None, "a"), root=2), *thread((5, 1, "b"), (1, None, "a"))],
            {1: 0, 5: 1, 2: 0, 9: 1},
            {},
        ),
    ],
)
def test_conversations(messages, places, reasons):
    assert conversations(messages, RULES) == (places, reasons)
