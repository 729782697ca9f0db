"""The composer: what it offers, threads written at once, and what is wrong said beside its field."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from posts.forms.compose import MAX_THREAD_POSTS, PostForm
from posts.models import Mention, Post
from posts.services import PollDraft, PostInput, PublishError, publish_thread
from posts.text.language import guess_language
from tests.factories import person, post
from tests.threads import together

TOMORROW = f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"
HIDDEN = re.compile(r'name="(publish_key|csrfmiddlewaretoken)" value="[^"]*"')
PARTS = {"text": "One", "parts_count": "2", "part-1-text": "Two", "part-2-text": "Three"}


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def written() -> list[Post]:
    return list(Post.objects.order_by("pk"))


def test_the_composer_at_home_is_that_of_its_page_with_a_key_of_its_own(writer):
    def composer(address: str) -> str:
        page = writer.get(address).content.decode()
        return "".join(
            HIDDEN.sub("", page[page.index('<form class="composer"') :].split("</form>")[0]).split()
        )

    assert composer("/") == composer("/compose")
    keys = {
        re.search(r'name="publish_key" value="([-0-9a-f]+)"', writer.get("/").content.decode())[1]
        for _ in range(3)
    }
    assert len(keys) == 3


def test_the_composer_at_home_takes_a_post_with_its_own_token(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    page = client.get("/").content.decode()
    token = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', page[page.index('<form class="composer"') :]
    )[1]
    assert (
        client.post("/compose", {"text": "Hello", "csrfmiddlewaretoken": token}).status_code == 302
    )


def test_all_that_the_composer_offers_is_in_the_post(writer):
    fields = {
        "text": "Hello",
        "visibility": "unlisted",
        "reply_policy": "mentioned",
        "quote_policy": "nobody",
        "language": "nl",
        "authorship": "assisted",
        "warning": "Cats",
        "is_sensitive": "on",
    }
    assert writer.post("/compose", fields).status_code == 302
    (made,) = written()
    assert {name: getattr(made, name) for name in fields} == {**fields, "is_sensitive": True}
    assert not made.is_language_guessed


def test_what_is_left_open_is_as_usual(writer):
    writer.post("/compose", {"text": "Hello"})
    (made,) = written()
    assert (made.visibility, made.authorship, made.warning) == ("public", "human", "")
    assert (made.reply_policy, made.quote_policy, made.is_sensitive) == (
        "everyone",
        "everyone",
        False,
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Het brood rijst langzaam in de warme keuken van mijn oma.", "nl"),
        ("The bread rises slowly in the warm kitchen of my grandmother.", "en"),
        ("パンはゆっくり膨らみます。", "ja"),
        ("https://example.org/het-brood-rijst-langzaam @het_brood #rijst", ""),
        ("1234 😀", ""),
        ("ok", ""),
        ("", ""),
    ],
)
def test_the_language_is_guessed_from_the_words(alice, text, language):
    assert guess_language(text) == language
    if text:
        made = post(alice, text)
        assert (made.language, made.is_language_guessed) == (language, True)


@pytest.mark.parametrize(
    "field",
    [
        {"reply_policy": "x"},
        {"quote_policy": "x"},
        {"language": "xx"},
        {"warning": "a" * 201},
        {"parts_count": "x"},
        {"publish_at": "x"},
        {"publish_at": "2001-01-01T00:00"},
        {"publish_at": "9999-01-01T00:00"},
        {"publish_at": "2026-02-31T00:00"},
        {"publish_at": TOMORROW, "zone": "../../etc/passwd"},
        {"publish_at": TOMORROW, "zone": "Nowhere/Here"},
    ],
    ids=lambda fields: ", ".join(
        f"{name} {value}" for name, value in fields.items() if value != TOMORROW
    ),
)
def test_a_field_that_is_wrong_is_named(writer, field):
    response = writer.post("/compose", {"text": "My words", **field})
    assert response.status_code == 422
    assert "My words" in response.content.decode()
    assert not Post.objects.exists()


def test_a_direct_post_reaches_those_named(writer, bob, charlie):
    writer.post("/compose", {"text": "Only for @bob.", "visibility": "direct"})
    (made,) = written()
    for reader, status in [(bob, 200), (charlie, 404)]:
        writer.force_login(reader)
        assert writer.get(made.get_absolute_url()).status_code == status


@pytest.mark.parametrize("text", ["For nobody", "For @nobody_of_that_name"])
def test_a_direct_post_to_nobody_is_not_sent(writer, text):
    response = writer.post("/compose", {"text": text, "visibility": "direct"})
    assert response.status_code == 422
    assert "Mention at least one person" in response.content.decode()


def test_an_answer_to_a_direct_post_begins_with_those_it_goes_to(client, alice, bob, charlie):
    asked = post(alice, "@bob @charlie and @nobody, when?", visibility="direct")
    client.force_login(bob)
    assert PostForm(parent=asked)["text"].value() == "@alice @bob @charlie @nobody "
    assert "@alice @bob @charlie" in client.get(f"/compose?reply_to={asked.pk}").content.decode()


def test_a_thread_is_published_together_each_part_under_the_one_before(writer):
    response = writer.post("/compose", PARTS)
    first, second, third = written()
    assert response["Location"] == first.get_absolute_url()
    assert [one.text for one in (first, second, third)] == ["One", "Two", "Three"]
    assert (second.reply_to, third.reply_to) == (first, second)
    assert {second.thread_id, third.thread_id} == {first.pk}
    assert [one.reply_count for one in (first, second, third)] == [1, 1, 0]


def test_a_retry_publishes_no_part_twice(writer):
    key = {"publish_key": str(uuid.uuid4())}
    answers = {writer.post("/compose", PARTS | key)["Location"] for _ in range(3)}
    assert len(answers) == 1
    assert Post.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_the_same_moment_publish_a_thread_once():
    alice, key = person("alice"), uuid.uuid4()
    drafts = [PostInput(text, publish_key=key) for text in ("One", "Two", "Three")]
    results = together(
        [lambda: [one.pk for one in publish_thread(author=alice, drafts=drafts)]] * 8
    )
    assert len({tuple(result) for result in results}) == 1, results
    assert Post.objects.count() == 3


def test_empty_parts_are_left_out(writer):
    writer.post("/compose", PARTS | {"part-1-text": " \u200b "})
    assert [one.text for one in written()] == ["One", "Three"]


def test_a_part_that_is_too_long_keeps_all_back_and_says_so_beside_it(writer):
    response = writer.post("/compose", PARTS | {"part-2-text": "a" * 501})
    assert response.status_code == 422
    assert not Post.objects.exists()
    page = response.content.decode()
    assert 'id="id_part-2-text_error"' in page
    assert "1 characters too long" in page
    assert "Two" in page


def test_all_of_a_thread_or_nothing(alice, monkeypatch):
    drafts = [PostInput("One"), PostInput("Two", training=frozenset(["pretraining"]))]
    with pytest.raises(PublishError, match="18"):
        publish_thread(author=alice, drafts=drafts)
    assert not Post.objects.exists()


def test_a_thread_answers_and_quotes_with_its_first_post(writer, alice, bob):
    asked, quoted = post(bob, "Asked"), post(bob, "Quoted")
    writer.post("/compose", PARTS | {"reply_to": asked.pk, "quote_of": quoted.pk})
    first, second, third = written()[2:]
    assert (first.reply_to, first.quote_of) == (asked, quoted)
    assert {second.quote_of, third.quote_of} == {None}
    assert {first.thread_id, second.thread_id, third.thread_id} == {asked.pk}


def test_a_direct_thread_goes_on_with_the_same_people(writer, bob):
    writer.post("/compose", PARTS | {"text": "For @bob", "visibility": "direct"})
    assert list(Mention.objects.order_by("post").values_list("user", flat=True)) == [bob.pk] * 3


def test_another_part_without_javascript(writer):
    fields = {
        "text": "One",
        "warning": "Cats",
        "publish_key": str(uuid.uuid4()),
        "is_sensitive": "on",
    }
    page = writer.post("/compose/parts", fields)
    form = page.context["form"]
    assert page.status_code == 200
    assert [part["text"].value() for part in form.parts] == [""]
    assert form["text"].value() == "One"
    assert form["warning"].value() == "Cats"
    assert form["publish_key"].value() == fields["publish_key"]
    again = writer.post(
        "/compose/parts", fields | {"parts_count": "1", "part-1-text": "Two"}
    ).context["form"]
    assert [part["text"].value() for part in again.parts] == ["Two", ""]
    assert not Post.objects.exists()


def test_there_is_an_end_to_parts(writer):
    page = writer.post("/compose/parts", {"text": "One", "parts_count": "999"})
    assert len(page.context["form"].parts) == MAX_THREAD_POSTS - 1
    assert "Another part" not in page.content.decode()


def test_quoting_shows_what_is_quoted(writer, bob):
    quoted = post(bob, "A thing well said.")
    page = writer.get(f"/compose?quote_of={quoted.pk}").content.decode()
    assert "quoted__text" in page
    assert "A thing well said." in page
    writer.post("/compose", {"text": "Hear, hear.", "quote_of": quoted.pk})
    assert Post.objects.get(text="Hear, hear.").quote_of == quoted


@pytest.mark.parametrize("name", ["reply_to", "quote_of"])
@pytest.mark.parametrize("value", ["0", "x", "9" * 30, ""])
def test_what_is_not_there_cannot_be_written_about(writer, name, value):
    status = 404 if value else 200
    assert writer.get("/compose", {name: value or "0"} if value else {}).status_code == status


def test_an_outsider_learns_nothing_by_quoting(client, alice, charlie):
    hidden = post(alice, "Among us.", visibility="followers")
    client.force_login(charlie)
    for name in ("reply_to", "quote_of"):
        assert client.get(f"/compose?{name}={hidden.pk}").status_code == 404
        assert client.post("/compose", {"text": "I saw it", name: hidden.pk}).status_code == 404


def test_what_is_answered_is_shown_with_all_that_goes_with_it(writer, bob, charlie):
    asked = post(
        bob,
        "Which?",
        quote_of=post(charlie, "Rye or wheat."),
        poll=PollDraft(("Rye", "Wheat"), hours=1),
    )
    page = writer.get(f"/compose?reply_to={asked.pk}").content.decode()
    assert "Rye or wheat." in page
    assert page.count('name="choice"') == 2


def test_a_longer_thread_costs_no_more_queries_a_part(writer):
    def queries(parts: int) -> int:
        fields = {f"part-{number}-text": f"Part {number}" for number in range(1, parts)}
        with CaptureQueriesContext(
            connection,
        ) as captured:
            writer.post("/compose", {"text": "One", "parts_count": parts - 1, **fields})
        return len(captured)

    two, three, four = (queries(parts) for parts in (2, 3, 4))
    assert four - three == three - two < 20
