"""What a reader cannot open is not named to them, and programs are told the same as pages."""

import json
from dataclasses import dataclass

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import block, create_token, follow
from posts.models import Post
from posts.services import repost
from posts.services.filters import keep_filter
from tests.factories import person, post

BIO = "Baker of Rye"


@dataclass
class Reader:
    """Somebody with a browser and a program, or nobody."""

    browser: Client
    program: Client

    def api(self, address: str):
        response = self.program.get(f"/api/v1/{address}")
        assert response.status_code == 200, response.content
        return response.json()

    def page(self, address: str) -> str:
        return self.browser.get(address).content.decode()


def reader(user: User | None = None) -> Reader:
    if user is None:
        return Reader(Client(), Client())
    browser = Client()
    browser.force_login(user)
    token = create_token(user=user, name="reader", scopes=["read"])
    return Reader(browser, Client(headers={"Authorization": f"Bearer {token}"}))


def shown(parent: Post, answer: Post, viewer: User | None) -> bool:
    """Say whether an answer names what it answers, which card, page and program have to agree about."""
    them = reader(viewer)
    shape = them.api(f"statuses/{answer.pk}")
    named = {
        shape["in_reply_to_id"] == str(parent.pk),
        shape["in_reply_to_account_id"] == str(parent.author_id),
        parent.author.username in [mention["acct"] for mention in shape["mentions"]],
        f"@{parent.author.username}" in them.page(answer.get_absolute_url()),
        str(parent.pk) in json.dumps(shape),
        f"@{parent.author.username}" in them.page(f"/@{answer.author.username}/replies"),
    }
    assert len(named) == 1, shape
    return named.pop()


@pytest.mark.parametrize("visibility", ["public", "unlisted", "followers", "direct"])
def test_an_answer_names_its_parent_to_whoever_may_open_that(visibility, alice, bob, charlie):
    follow(follower=bob, followed=alice)
    asked = post(alice, "Asked of @bob", visibility=visibility)
    answer = post(bob, "An answer for all", reply_to=asked)
    is_open = visibility in ("public", "unlisted")
    assert {
        viewer and viewer.username: shown(asked, answer, viewer) for viewer in (None, bob, charlie)
    } == {
        None: is_open,
        "bob": True,
        "charlie": is_open,
    }


@pytest.mark.parametrize("what", ["blocked", "blocking", "suspended"])
def test_an_answer_does_not_name_whom_the_reader_cannot_see(what, alice, bob, charlie):
    asked = post(alice, "Asked")
    answer = post(bob, "An answer", reply_to=asked)
    if what == "suspended":
        User.objects.filter(pk=alice.pk).update(suspended_at="2026-01-01T00:00Z")
    else:
        pair = (charlie, alice) if what == "blocked" else (alice, charlie)
        block(blocker=pair[0], blocked=pair[1])
    assert not shown(asked, answer, charlie)
    assert shown(asked, answer, bob) is (what != "suspended")


def test_words_that_name_whoever_is_answered_still_do(alice, bob):
    answer = post(bob, "Well, @alice", reply_to=post(alice, "Asked of @bob", visibility="direct"))
    (named,) = reader().api(f"statuses/{answer.pk}")["mentions"]
    assert named["acct"] == "alice"


def test_an_answer_in_a_quote_and_in_a_repost_names_no_more(alice, bob, charlie):
    asked = post(alice, "Asked of @bob", visibility="direct")
    answer = post(bob, "An answer for all", reply_to=asked)
    quoting = post(charlie, "Look", quote_of=answer)
    brought = repost(user=charlie, post=answer)
    for address in (quoting.pk, brought.pk):
        shape = reader(charlie).api(f"statuses/{address}")
        inner = shape["reblog"] or shape["quote"]["quoted_status"]
        assert (inner["id"], inner["in_reply_to_id"]) == (str(answer.pk), None)
        assert str(asked.pk) not in json.dumps(shape)
        assert "@alice" not in json.dumps(shape)


@pytest.mark.parametrize("action", ["hide", "warn"])
def test_a_post_that_a_filter_is_about_is_folded_at_its_address(action, alice, bob):
    made = post(bob, "The butler did it")
    keep_filter(user=alice, phrase="butler", is_whole_word=True, action=action)
    them = reader(alice)
    (filtered,) = them.api(f"statuses/{made.pk}")["filtered"]
    assert filtered["filter"]["title"] == "butler"
    assert "Filtered: <bdi>butler" in them.page(made.get_absolute_url())
    assert reader(bob).api(f"statuses/{made.pk}")["filtered"] == []


def test_a_reply_that_the_author_hid_is_folded_in_the_conversation(alice, bob, charlie):
    asked = post(alice, "Asked")
    nasty = post(bob, "A nasty answer", reply_to=asked)
    below = post(charlie, "What answers it", reply_to=nasty)
    kind = post(charlie, "A kind answer", reply_to=asked)
    Post.objects.filter(pk=nasty.pk).update(is_hidden_reply=True)
    below_asked = reader().api(f"statuses/{asked.pk}/context")["descendants"]
    folded = {
        int(shape["id"]): [each["filter"]["title"] for each in shape["filtered"]]
        for shape in below_asked
    }
    assert folded == {
        nasty.pk: ["Hidden by the author"],
        below.pk: ["Hidden by the author"],
        kind.pk: [],
    }
    assert "1 reply hidden by the author" in reader().page(asked.get_absolute_url())
    # At its own address it stands open, as its page does.
    assert reader().api(f"statuses/{nasty.pk}")["filtered"] == []


def test_a_repost_leads_to_the_conversation_of_its_post(alice, bob):
    asked = post(alice, "Asked")
    answer = post(bob, "An answer", reply_to=asked)
    brought = repost(user=bob, post=asked)
    context = reader().api(f"statuses/{brought.pk}/context")
    assert [int(shape["id"]) for shape in context["descendants"]] == [answer.pk]


@pytest.mark.parametrize("is_blocked", [True, False])
def test_a_profile_says_across_a_block_what_its_page_says(is_blocked, alice, bob):
    User.objects.filter(pk=bob.pk).update(bio=BIO, header="ab/header")
    follow(follower=person(), followed=bob)
    if is_blocked:
        block(blocker=bob, blocked=alice)
    them = reader(alice)
    shapes = [them.api(f"accounts/{bob.pk}"), them.api("accounts/lookup?acct=bob")]
    page = them.page("/@bob")
    said = {BIO in shape["note"] for shape in shapes} | {
        "ab/header" in shape["header"] for shape in shapes
    }
    said |= {shape["followers_count"] == 1 for shape in shapes}
    # The whole page: what programs and cards of links read of its head, too.
    assert said | {BIO in page, "ab/header" in page, '"userInteractionCount": 1' in page} == {
        not is_blocked
    }
    assert BIO in reader().page("/@bob")


def test_counts_of_a_person_count_what_anyone_may_open(alice, bob, charlie):
    for visibility in ("public", "unlisted", "followers", "direct"):
        post(bob, "@alice", visibility=visibility)
    repost(user=bob, post=post(alice, "Mine"))
    for other in (alice, charlie):
        follow(follower=other, followed=bob)
        follow(follower=bob, followed=other)
    names = ("statuses_count", "followers_count", "following_count")

    def counts() -> list[int]:
        shape = reader().api(f"accounts/{bob.pk}")
        return [shape[name] for name in names]

    assert counts() == [3, 2, 2]
    User.objects.filter(pk=alice.pk).update(suspended_at="2026-01-01T00:00Z")
    assert counts() == [2, 1, 1]
    assert "<strong>1</strong> follower<" in reader().page("/@bob")
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    assert counts() == [2, 0, 0]
