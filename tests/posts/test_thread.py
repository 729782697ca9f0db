"""The page of a post: what it answers, its answers by conversation, gaps, and a constant number of queries."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import block, follow, mute
from posts import selectors
from posts.models import Post
from posts.services import bookmark_post, delete_post, like_post, repost
from posts.services.polls import PollDraft
from tests.factories import person, post

POLL = PollDraft(("Rye", "Wheat"), hours=1)


def texts(posts) -> list[str]:
    return [one.text for one in posts]


def shown(client: Client, one: Post, query: str = ""):
    return client.get(f"{one.get_absolute_url()}{query}").context


def conversations(client: Client, one: Post, query: str = "") -> list[list[str]]:
    return [
        texts(conversation.posts) for conversation in shown(client, one, query)["conversations"]
    ]


def test_answers_stand_with_how_they_go_on(client, alice, bob, charlie):
    asked = post(alice, "Q")
    second = post(alice, "Q2", reply_to=asked)
    post(alice, "Q3", reply_to=second)
    first = post(bob, "B1", reply_to=asked)
    post(charlie, "C to B1", reply_to=first)
    answer = post(alice, "A to B1", reply_to=first)
    post(bob, "B to A", reply_to=answer)
    post(charlie, "C1", reply_to=asked)
    page = shown(client, asked)
    assert texts(page["own_thread"]) == ["Q2", "Q3"]
    assert conversations(client, asked) == [["B1", "A to B1", "B to A"], ["C1"]]
    (talk, _) = page["conversations"]
    assert (talk.others, talk.last) == (1, None)


def test_a_deep_conversation_is_cut_and_leads_on(client, alice, bob):
    asked = post(alice, "Q")
    last = asked
    for number in range(selectors.CONVERSATION + 3):
        last = post((bob, alice)[number % 2], f"{number}", reply_to=last)
    (talk,) = shown(client, asked)["conversations"]
    assert texts(talk.posts) == ["0", "1", "2", "3"]
    assert talk.last.text == "3"
    assert (
        f'href="{talk.last.get_absolute_url()}">Show more replies'
        in client.get(asked.get_absolute_url()).content.decode()
    )
    assert conversations(client, talk.last) == [["4", "5"]]


def test_a_wide_conversation_goes_on_page_by_page(client, alice):
    asked = post(alice, "Q")
    own = post(alice, "Q2", reply_to=asked)
    for number in range(45):
        post(person(), f"{number}", reply_to=asked)
    found, query, owns = [], "", []
    while True:
        page = shown(client, asked, query)
        found += [text for talk in page["conversations"] for text in texts(talk.posts)]
        owns.append(texts(page["own_thread"]))
        if page["replies"].next_url is None:
            break
        query = "?" + page["replies"].next_url.partition("?")[2]
    assert found == [str(number) for number in range(45)]
    assert owns == [[own.text], [], []]
    part = client.get(
        f"{asked.get_absolute_url()}{query}", headers={"HX-Request": "true"}
    ).content.decode()
    assert "<html" not in part
    assert part.count("<article") == 46 - 2 * 20


def test_hidden_replies_wait_behind_a_disclosure(client, alice, bob):
    asked = post(alice, "Q")
    Post.objects.filter(pk=post(bob, "Out of sight", reply_to=asked).pk).update(
        is_hidden_reply=True
    )
    page = client.get(asked.get_absolute_url())
    assert texts(page.context["hidden"]) == ["Out of sight"]
    assert page.context["conversations"] == []
    assert "1 reply hidden by the author" in page.content.decode()


def test_gaps_stand_where_something_is_missing_above(client, alice, bob, charlie):
    first = post(alice, "First")
    second = post(bob, "Second", reply_to=first)
    secret = post(alice, "Secret", reply_to=second, visibility="followers")
    more_secret = post(alice, "More secret", reply_to=secret, visibility="followers")
    last = post(alice, "Last", reply_to=more_secret)

    def above() -> list[str]:
        return [
            one.text if isinstance(one, Post) else ("deleted" if one.is_deleted else "unseen")
            for one in shown(client, last)["above"]
        ]

    assert above() == ["First", "Second", "unseen"]
    delete_post(post=first)
    assert above() == ["deleted", "Second", "unseen"]
    client.force_login(charlie)
    follow(follower=charlie, followed=alice)
    assert above() == ["deleted", "Second", "Secret", "More secret"]
    block(blocker=charlie, blocked=bob)
    assert above() == ["unseen", "Secret", "More secret"]
    page = client.get(last.get_absolute_url()).content.decode()
    assert "This post isn’t available to you." in page


def test_a_conversation_ends_at_what_the_viewer_may_not_read(client, alice, bob, charlie):
    asked = post(alice, "Q")
    reply = post(bob, "B", reply_to=asked)
    closed = post(alice, "Closed", reply_to=reply, visibility="followers")
    post(bob, "After it", reply_to=closed)
    assert conversations(client, asked) == [["B"]]
    client.force_login(charlie)
    mute(muter=charlie, muted=bob)
    assert conversations(client, asked) == []


def test_only_answers_that_one_may_read_are_counted(client, alice, bob, charlie):
    asked = post(alice, "Q")
    reply = post(bob, "B", reply_to=asked)
    goes_on = post(alice, "A", reply_to=reply)
    post(charlie, "For few", reply_to=reply, visibility="followers")
    post(charlie, "For few, too", reply_to=goes_on, visibility="followers")
    own = post(alice, "Q2", reply_to=asked)
    post(charlie, "For few again", reply_to=own, visibility="followers")

    def counted() -> tuple[int, Post | None, Post | None]:
        page = shown(client, asked)
        (talk,) = page["conversations"]
        return talk.others, talk.last, page["own_goes_on"]

    dora = person()
    client.force_login(dora)
    assert counted() == (0, None, None)
    follow(follower=dora, followed=charlie)
    assert counted() == (1, goes_on, own)
    mute(muter=dora, muted=charlie)
    assert counted() == (0, None, None)


def test_very_many_answers_are_not_counted_to_the_end(client, alice, bob, charlie):
    asked = post(alice, "Q")
    reply = post(bob, "B", reply_to=asked)
    for number in range(selectors.MAX_REPLIES_COUNTED + 2):
        post(charlie, f"{number}", reply_to=reply)
    assert (
        f"Show {selectors.MAX_REPLIES_COUNTED}+ answers to @bob"
        in client.get(asked.get_absolute_url()).content.decode()
    )


def test_a_reposts_number_leads_to_the_post(client, alice, bob):
    asked = post(alice, "Q")
    brought = repost(user=bob, post=asked)
    assert client.get(f"/@bob/{brought.pk}")["Location"] == asked.get_absolute_url()


def lists_of(one: Post) -> list[str]:
    return [f"{one.get_absolute_url()}/{name}" for name in ("likes", "reposts", "quotes")]


def test_who_liked_reposted_and_quoted(client, alice, bob, charlie):
    asked = post(alice, "Q")
    like_post(user=bob, post=asked)
    repost(user=bob, post=asked)
    quote = post(bob, "Look", quote_of=asked)
    for address in lists_of(asked):
        assert "@bob" in client.get(address).content.decode(), address
    Post.objects.filter(pk=quote.pk).update(quote_state=Post.Quote.DETACHED)
    assert "Look" not in client.get(lists_of(asked)[2]).content.decode()
    client.force_login(alice)
    assert "Restore" in client.get(lists_of(asked)[2]).content.decode()
    block(blocker=bob, blocked=charlie)
    client.force_login(charlie)
    for address in lists_of(asked):
        assert "@bob" not in client.get(address).content.decode(), address


def test_ones_bookmarks_and_likes_are_in_the_order_of_keeping(client, alice, bob):
    posts = [post(alice, f"{number}") for number in range(25)]
    for one in reversed(posts):
        bookmark_post(user=bob, post=one)
        like_post(user=bob, post=one)
    client.force_login(bob)
    for address in ("/bookmarks", "/likes"):
        first = client.get(address).context["page"]
        assert texts(first.items) == [str(number) for number in range(20)]
        second = client.get(first.next_url).context["page"]
        assert texts(second.items) == [str(number) for number in range(20, 25)]
        assert second.next_url is None
    client.force_login(alice)
    assert client.get("/bookmarks").context["page"].items == []
    block(blocker=alice, blocked=bob)
    client.force_login(bob)
    assert client.get("/bookmarks").context["page"].items == []


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured.captured_queries)


def reply(asked: Post, author: User, quoted: Post) -> None:
    """Answer with all that a card can show, and go on for a while."""
    answer = post(author, "An answer", reply_to=asked, quote_of=quoted, poll=POLL)
    for _ in range(2):
        answer = post(author, "Going on", reply_to=answer)


@pytest.mark.parametrize("viewer", ["alice", None])
def test_as_many_queries_with_many_answers_as_with_one(client, alice, bob, viewer):
    if viewer:
        client.force_login(alice)
    asked, quoted = post(alice, "Q"), post(bob, "Quoted")
    last = post(alice, "Q2", reply_to=asked)
    found = {}
    reply(asked, bob, quoted)
    for number in (1, 20, 200):
        for _ in range(number - Post.objects.filter(reply_to=asked).exclude(author=alice).count()):
            reply(asked, bob, quoted)
        found[number] = queries(client, asked.get_absolute_url())
    assert len(set(found.values())) == 1, found
    found = {}
    for number in (1, 20, 90):
        while Post.objects.filter(thread_id=asked.pk, author=alice).count() < number:
            last = post(alice, "Further", reply_to=last)
        found[number] = queries(client, last.get_absolute_url())
    assert len(set(found.values())) == 1, found


def test_lists_of_people_and_quotes_take_as_many_queries_with_twenty(client, alice):
    client.force_login(alice)
    asked = post(alice, "Q")
    addresses = [*lists_of(asked), "/bookmarks", "/likes"]

    def add() -> None:
        somebody = person()
        like_post(user=somebody, post=asked)
        repost(user=somebody, post=asked)
        other = post(somebody, "Look", quote_of=asked, poll=POLL)
        bookmark_post(user=alice, post=other)
        like_post(user=alice, post=other)

    add()
    one = {address: queries(client, address) for address in addresses}
    for _ in range(19):
        add()
    assert {address: queries(client, address) for address in addresses} == one


def test_who_is_logged_out_learns_nothing_of_what_is_not_for_everyone(client, alice, bob):
    asked = post(alice, "Q", visibility="followers")
    assert {
        client.get(address).status_code for address in [asked.get_absolute_url(), *lists_of(asked)]
    } == {404}
    assert selectors.ancestors_of(post(alice, "Below", reply_to=asked), AnonymousUser()) == [
        selectors.MissingPost(is_deleted=False)
    ]
