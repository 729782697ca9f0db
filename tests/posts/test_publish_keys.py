"""A composer that comes back with an old key: a retry makes nothing twice, and new words are never swallowed."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from posts.models import Draft, Post
from posts.services import edit_post, words_of
from tests.factories import post


@pytest.fixture
def key() -> str:
    return str(uuid4())


@pytest.fixture
def browser(client, alice):
    client.force_login(alice)
    return client


def send(browser, key: str, text: str, **fields: str):
    response = browser.post(
        "/compose", {"publish_key": key, "is_fresh": "1", "text": text, **fields}
    )
    assert response.status_code == 302
    return response


def texts() -> list[str]:
    return list(Post.objects.order_by("pk").values_list("text", flat=True))


def test_the_same_words_under_one_key_are_one_post(browser, key):
    places = {
        send(browser, key, "Bread\r\nrises ")["Location"],
        send(browser, key, "Bread\nrises")["Location"],
    }
    assert texts() == ["Bread\nrises"]
    assert len(places) == 1


def test_other_words_under_a_used_key_are_a_new_post_once(browser, key):
    for text in ("First", "Second", "Second", "First", "Third", "Second"):
        send(browser, key, text)
    assert texts() == ["First", "Second", "Third"]


def test_a_retry_of_what_was_edited_meanwhile_finds_it(browser, key, alice):
    send(browser, key, "Bred")
    made = Post.objects.get()
    edit_post(post=made, words=replace(words_of(made), text="Bread"))
    send(browser, key, "Bred")
    assert Post.objects.count() == 1


def test_the_same_words_to_another_post_are_another_reply(browser, key, bob):
    first, second = post(bob, "One"), post(bob, "Two")
    for parent in (first, second, second):
        send(browser, key, "Thanks", reply_to=str(parent.pk))
    assert list(
        Post.objects.filter(text="Thanks").order_by("pk").values_list("reply_to", flat=True)
    ) == [
        first.pk,
        second.pk,
    ]


def test_a_thread_that_is_sent_again_with_other_words_is_another_thread(browser, key):
    thread = {"parts_count": "1", "part-1-text": "Two"}
    for text in ("One", "One", "Uno", "Uno"):
        send(browser, key, text, **thread)
    assert texts() == ["One", "Two", "Uno", "Two"]


def later(minutes: int) -> str:
    return (timezone.now() + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")


def test_a_composer_that_comes_back_replaces_nothing_that_waits_for_its_time(browser, key):
    send(browser, key, "Waits", publish_at=later(60))
    send(browser, key, "Waits", publish_at=later(90))
    assert Draft.objects.count() == 1
    send(browser, key, "New", publish_at=later(60))
    send(browser, key, "At once")
    waiting = Draft.objects.order_by("pk").values_list("fields__text", flat=True)
    assert list(waiting) == ["Waits", "New"]
    assert texts() == ["At once"]


def test_what_is_opened_from_the_drafts_is_replaced(browser, key):
    send(browser, key, "Waits", publish_at=later(60))
    page = browser.get(f"/compose?draft={Draft.objects.get().pk}").content.decode()
    assert 'name="is_fresh" id="id_is_fresh"' in page
    send(browser, key, "Changed", publish_at=later(60), is_fresh="")
    assert Draft.objects.get().fields["text"] == "Changed"
    send(browser, key, "Changed again", is_fresh="")
    assert not Draft.objects.exists()
    assert texts() == ["Changed again"]


def test_new_words_under_a_used_key_are_kept_as_a_draft(browser, key, monkeypatch):
    send(browser, key, "First")
    browser.post("/drafts/save", {"publish_key": key, "text": "Fir"})
    assert not Draft.objects.exists(), "what the composer saved of the first came late"
    monkeypatch.setattr("posts.services.publish_keys.LATE_WITHIN", timedelta(0))
    browser.post("/drafts/save", {"publish_key": key, "text": "First"})
    assert not Draft.objects.exists()
    browser.post("/drafts/save", {"publish_key": key, "text": "Second"})
    assert Draft.objects.get().fields["text"] == "Second"
    send(browser, key, "Second")
    assert not Draft.objects.exists()
    assert texts() == ["First", "Second"]
