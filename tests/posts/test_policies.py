"""Who may answer and who may quote: what the card says is what a publication finds."""

import pytest

from accounts.models import User
from accounts.services import follow
from posts.models import Post
from posts.services import PublishError, delete_post
from tests.factories import post

READERS = ("author", "follower", "mentioned", "stranger")
REPLIES = {
    "everyone": set(READERS),
    "followers": {"author", "follower", "mentioned"},
    "mentioned": {"author", "mentioned"},
}
QUOTES = {"everyone": set(READERS), "followers": {"author", "follower"}, "nobody": {"author"}}
READ = {
    "public": set(READERS),
    "unlisted": set(READERS),
    "followers": {"author", "follower", "mentioned"},
    "direct": {"author", "mentioned"},
}


@pytest.fixture
def people(alice, bob, charlie) -> dict[str, User]:
    """Alice writes, Bob follows her, she mentions Charlie, and Dora is nobody to her."""
    follow(follower=bob, followed=alice)
    dora = User.objects.create(username="dora")
    return {"author": alice, "follower": bob, "mentioned": charlie, "stranger": dora}


def published(author: User, **reference: Post) -> bool:
    try:
        post(author, "I say something.", **reference)
    except PublishError:
        return False
    return True


@pytest.mark.parametrize("visibility", READ)
@pytest.mark.parametrize("policy", REPLIES)
def test_who_may_answer(people, policy, visibility):
    asked = post(people["author"], "Hello @charlie", reply_policy=policy, visibility=visibility)
    allowed = REPLIES[policy] & READ[visibility]
    for reader, user in people.items():
        card = Post.objects.visible_to(user).with_card_data(user).filter(pk=asked.pk)
        assert [row.may_reply for row in card] == [reader in allowed] * (reader in READ[visibility])
        assert published(user, reply_to=asked) == (reader in allowed), reader
    asked.refresh_from_db()
    assert asked.reply_count == len(allowed)


@pytest.mark.parametrize("policy", REPLIES)
def test_whoever_begins_a_conversation_says_who_may_answer_anywhere_in_it(people, policy):
    begun = post(people["author"], "Hello @charlie", reply_policy=policy)
    answer = post(people["mentioned"], "I answer, and name @dora", reply_to=begun)
    deep = post(people["author"], "Go on", reply_to=answer)
    for reader, user in people.items():
        may = reader in REPLIES[policy]
        for asked in (answer, deep):
            card = Post.objects.visible_to(user).with_card_data(user).get(pk=asked.pk)
            assert card.may_reply == may, reader
            assert published(user, reply_to=asked) == may, reader
            assert ("first post" in card.reply_rule) == (not may)
    deep.refresh_from_db()
    assert deep.reply_count == len(REPLIES[policy])


def test_an_answer_has_rules_of_its_own_too(people):
    begun = post(people["author"], reply_policy="followers")
    answer = post(
        people["follower"], "Only you, @charlie", reply_to=begun, reply_policy="mentioned"
    )
    assert published(people["author"], reply_to=answer)
    assert not published(people["mentioned"], reply_to=answer)
    assert not published(people["stranger"], reply_to=answer)


def test_without_the_first_post_its_rule_is_over(people):
    begun = post(people["author"], "Hello @charlie", reply_policy="mentioned")
    answer = post(people["mentioned"], reply_to=begun)
    assert not published(people["stranger"], reply_to=answer)
    delete_post(post=begun)
    assert published(people["stranger"], reply_to=answer)


def test_the_rule_of_a_conversation_is_told_on_its_pages(client, people):
    begun = post(people["author"], "Hello @charlie", reply_policy="mentioned")
    answer = post(people["mentioned"], "I answer", reply_to=begun)
    rule = "Only people whom @alice mentions in the first post can answer here."
    for reader in ("mentioned", "stranger"):
        client.force_login(people[reader])
        for asked in (begun, answer):
            assert rule in client.get(asked.get_absolute_url()).content.decode(), reader
    client.force_login(people["mentioned"])
    assert rule in client.get(f"/compose?reply_to={answer.pk}").content.decode()
    client.force_login(people["stranger"])
    refused = client.post(f"/compose?reply_to={answer.pk}", {"text": "All the same"})
    assert refused.status_code == 422
    assert "first post" in refused.content.decode()
    assert (
        "data-composer"
        not in client.get(answer.get_absolute_url()).content.decode().partition("</main>")[0]
    )
    client.logout()
    assert rule in client.get(answer.get_absolute_url()).content.decode()


@pytest.mark.parametrize("visibility", READ)
@pytest.mark.parametrize("policy", QUOTES)
def test_who_may_quote(people, policy, visibility):
    quoted = post(people["author"], "Hello @charlie", quote_policy=policy, visibility=visibility)
    allowed = (
        QUOTES[policy] & READ[visibility] if visibility in ("public", "unlisted") else {"author"}
    )
    for reader, user in people.items():
        card = Post.objects.visible_to(user).with_card_data(user).filter(pk=quoted.pk)
        assert [row.may_quote for row in card] == [reader in allowed] * (reader in READ[visibility])
        assert published(user, quote_of=quoted) == (reader in allowed), reader
    quoted.refresh_from_db()
    assert quoted.quote_count == len(allowed)


def test_the_page_says_why_not(client, people):
    asked = post(people["author"], reply_policy="mentioned", quote_policy="nobody")
    client.force_login(people["stranger"])
    card = client.get("/public").content.decode()
    for address, reason in [
        (f"/compose?reply_to={asked.pk}", "Only people it mentions can reply."),
        (f"/compose?quote_of={asked.pk}", "The author has turned off quotes."),
    ]:
        assert reason in card
        page = client.get(address)
        assert reason in page.content.decode()
        assert "data-composer" not in page.content.decode().partition("</main>")[0]
        refused = client.post(address, {"text": "All the same"})
        assert refused.status_code == 422
        assert reason in refused.content.decode()
    assert Post.objects.count() == 1


def test_a_quote_is_written_on_a_page_of_its_own(client, alice, bob):
    quoted = post(alice, "Quoted words")
    client.force_login(bob)
    assert "Quoted words" in client.get(f"/compose?quote_of={quoted.pk}").content.decode()
    client.post(f"/compose?quote_of={quoted.pk}", {"text": "Look at this"})
    made = Post.objects.get(author=bob)
    assert (made.quote_of, made.quote_state) == (quoted, "shown")
    assert "Quoted words" in client.get(made.get_absolute_url()).content.decode()
