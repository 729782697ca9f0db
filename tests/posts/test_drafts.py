"""What is kept before it is published: drafts saved as one types, and posts for a later time, published once."""

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Block, User
from common.models import OutboxEvent
from consent.models import ConsentEvent, Notice
from consent.services import record_age_attestation, withdraw_all
from posts import selectors, services
from posts.models import Draft, Post
from posts.services.drafts import MAX_DRAFTS
from posts.tasks import publish_due_draft
from tests.factories import grant, person, post
from tests.threads import together

KEY = "0b6f6c1e-8a53-4d0c-8a5e-2f6d3b9f6f10"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def save(client, text: str = "Half a thought", key: str = KEY, **fields: str):
    return client.post("/drafts/save", {"text": text, "publish_key": key, **fields}, headers=HTMX)


def at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


def tomorrow() -> datetime:
    return (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)


def schedule(client, text: str = "Scheduled", key: str = KEY, **fields: str) -> Draft:
    fields = {"text": text, "publish_key": key, "publish_at": at(tomorrow()), **fields}
    response = client.post("/compose", fields)
    assert (response.status_code, response["Location"]) == (302, "/drafts"), (
        response.content.decode()
    )
    return Draft.objects.get(key=key)


def let_it_be_due() -> None:
    Draft.objects.update(publish_at=timezone.now() - timedelta(seconds=1))


def test_what_one_types_is_kept_in_one_draft(writer):
    for text in ("Half", "Half a", "Half a thought"):
        assert save(writer, text, warning="Cats").status_code == 200
    draft = Draft.objects.get()
    assert (draft.excerpt, draft.fields["warning"]) == ("Half a thought", "Cats")


def test_a_draft_shows_the_first_words_that_there_are(writer):
    save(writer, "", **{"parts_count": "1", "part-1-text": " Of the second post "})
    assert Draft.objects.get().excerpt == "Of the second post"
    assert "Of the second post" in writer.get("/drafts").content.decode()


def test_saving_says_so_and_in_which_language_it_takes_the_words_to_be(writer):
    answer = save(writer, "The bread rises slowly in the warm kitchen of my grandmother.")
    assert answer.content.decode() == "Saved as a draft. It reads as English."


def test_saving_by_the_button_leads_to_the_drafts(writer):
    response = writer.post(
        "/drafts/save", {"text": "Half a thought", "publish_key": KEY}, follow=True
    )
    page = response.content.decode()
    assert response.redirect_chain == [("/drafts", 302)]
    assert "Saved as a draft." in page
    assert "Half a thought" in page


def test_going_on_with_a_draft_shows_all_of_it(writer, bob):
    asked = post(bob, "Asked")
    parts = {
        "parts_count": "1",
        "part-1-text": "More of it",
        "visibility": "unlisted",
        "reply_to": str(asked.pk),
    }
    save(writer, **parts)
    draft = Draft.objects.get()
    page = writer.get(f"/compose?draft={draft.pk}")
    form = page.context["form"]
    assert [form["text"].value(), form.parts[0]["text"].value()] == ["Half a thought", "More of it"]
    assert (form["visibility"].value(), str(form["publish_key"].value())) == ("unlisted", KEY)
    assert page.context["parent"] == asked


def test_publishing_a_draft_ends_it(writer):
    save(writer)
    writer.post("/compose", {"text": "A whole thought", "publish_key": KEY})
    assert not Draft.objects.exists()
    assert Post.objects.get().text == "A whole thought"


def test_what_is_saved_after_it_was_published_is_no_draft(writer):
    """The last save of a composer may arrive after its post."""
    writer.post("/compose", {"text": "A whole thought", "publish_key": KEY})
    assert save(writer).status_code == 200
    assert not Draft.objects.exists()


def test_an_emptied_draft_is_thrown_away(writer):
    save(writer)
    save(writer, " ")
    assert not Draft.objects.exists()


@pytest.mark.parametrize("key", ["", "x", "1" * 100])
def test_without_a_key_nothing_is_kept(writer, key):
    assert save(writer, key=key).status_code == 200
    assert not Draft.objects.exists()


def test_a_hostile_form_is_kept_within_bounds(writer):
    fields = {f"f{number}": "a" * 200 for number in range(300)}
    assert save(writer, "a\x00b" * 10_000, **fields).status_code == 200
    kept = Draft.objects.get().fields
    assert len(kept) <= 200
    assert max(len(value) for value in kept.values()) <= 10_000
    assert writer.get("/drafts").status_code == 200
    assert "too long" in save(writer, **dict.fromkeys(fields, "a" * 5000)).content.decode()


def test_there_is_an_end_to_drafts(writer):
    for _ in range(MAX_DRAFTS):
        save(writer, key=str(uuid.uuid4()))
    assert f"You have {MAX_DRAFTS} drafts" in save(writer).content.decode()
    assert Draft.objects.count() == MAX_DRAFTS


def test_a_draft_is_of_one_person(client, alice, bob):
    client.force_login(alice)
    save(client)
    draft = Draft.objects.get()
    client.force_login(bob)
    assert client.get(f"/compose?draft={draft.pk}").status_code == 404
    assert client.post(f"/drafts/{draft.pk}/delete").status_code == 404
    assert "Half a thought" not in client.get("/drafts").content.decode()
    save(client, "My own, under the same key")
    assert Draft.objects.get(author=alice).excerpt == "Half a thought"
    assert Draft.objects.get(author=bob).excerpt == "My own, under the same key"


def test_nobody_keeps_an_answer_to_what_they_may_not_read(client, alice, charlie):
    hidden = post(alice, "Among us.", visibility="followers")
    client.force_login(charlie)
    assert save(client, reply_to=str(hidden.pk)).status_code == 404


def test_an_answer_to_what_is_gone_goes_on_as_a_post(writer, alice, bob):
    asked = post(bob, "Asked")
    save(writer, reply_to=str(asked.pk))
    services.delete_post(post=asked)
    page = writer.get(f"/compose?draft={Draft.objects.get().pk}")
    assert (page.status_code, page.context["parent"]) == (200, None)


def test_a_draft_can_be_deleted(writer):
    save(writer)
    writer.post(f"/drafts/{Draft.objects.get().pk}/delete")
    assert not Draft.objects.exists()


def test_the_list_costs_the_same_for_one_and_for_twenty(writer, bob):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert writer.get("/drafts").status_code == 200
        return len(captured)

    asked = post(bob, "Asked")
    save(writer, reply_to=str(asked.pk))
    one = queries()
    for _ in range(19):
        save(writer, key=str(uuid.uuid4()), reply_to=str(asked.pk))
    assert queries() == one


def test_a_time_is_that_of_the_writers_clock(writer):
    noon = (timezone.now() + timedelta(days=30)).replace(hour=12, minute=0)
    draft = schedule(writer, publish_at=at(noon), zone="Asia/Tokyo")
    expected = noon.replace(tzinfo=ZoneInfo("Asia/Tokyo"), second=0, microsecond=0)
    assert draft.publish_at == expected.astimezone(UTC)


def test_a_scheduled_post_goes_out_once_it_is_due(writer):
    draft = schedule(writer, parts_count="1", **{"part-1-text": "And more"})
    assert selectors.due_scheduled_posts() == []
    publish_due_draft(draft.pk)
    assert not Post.objects.exists()
    let_it_be_due()
    assert selectors.due_scheduled_posts() == [draft.pk]
    for _ in range(2):
        publish_due_draft(draft.pk)
    first, second = Post.objects.order_by("pk")
    assert (first.text, second.text, second.reply_to) == ("Scheduled", "And more", first)
    assert not Draft.objects.exists()


def test_a_scheduled_post_without_a_key_goes_out_once(writer):
    assert (
        writer.post("/compose", {"text": "Scheduled", "publish_at": at(tomorrow())}).status_code
        == 302
    )
    let_it_be_due()
    draft = Draft.objects.get()
    for _ in range(2):
        publish_due_draft(draft.pk)
    assert Post.objects.count() == 1
    assert not Draft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_workers_publish_it_once(client):
    alice = person("alice")
    client.force_login(alice)
    draft = schedule(client)
    let_it_be_due()
    results = together([lambda: services.publish_when_due(draft_id=draft.pk)] * 6)
    assert sorted(len(made) for made in results) == [0, 0, 0, 0, 0, 1]
    assert Post.objects.count() == 1


def test_scheduling_again_changes_text_and_time(writer):
    schedule(writer)
    later = tomorrow() + timedelta(days=2)
    draft = schedule(writer, "For much later", publish_at=at(later))
    assert Draft.objects.count() == 1
    assert draft.publish_at == later
    let_it_be_due()
    services.publish_when_due(draft_id=draft.pk)
    assert Post.objects.get().text == "For much later"


def test_typing_in_a_scheduled_post_does_not_unschedule_it(writer):
    draft = schedule(writer)
    assert "as it was" in save(writer, "Half a change").content.decode()
    assert Draft.objects.get().posts == draft.posts
    assert Draft.objects.get().is_scheduled


def test_publishing_at_once_what_was_scheduled(writer):
    schedule(writer)
    writer.post("/compose", {"text": "Now after all", "publish_key": KEY})
    assert Post.objects.get().text == "Now after all"
    assert not Draft.objects.exists()


def test_what_is_not_to_go_out_becomes_a_draft(writer):
    draft = schedule(writer)
    writer.post(f"/drafts/{draft.pk}/unschedule")
    let_it_be = Draft.objects.get()
    assert (let_it_be.is_scheduled, let_it_be.excerpt) == (False, "Scheduled")
    assert services.publish_when_due(draft_id=draft.pk) == []


def failing(cause: str, alice: User, bob: User, asked: Post) -> None:
    if cause == "deleted":
        services.delete_post(post=asked)
    elif cause == "blocked":
        Block.objects.create(blocker=bob, blocked=alice)
    else:
        User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now())


@pytest.mark.parametrize(
    ("cause", "why"), [("deleted", "gone"), ("blocked", "gone"), ("suspended", "suspended")]
)
def test_what_cannot_go_out_says_why_and_is_not_lost(writer, alice, bob, cause, why):
    asked = post(bob, "Asked")
    draft = schedule(writer, reply_to=str(asked.pk))
    failing(cause, alice, bob, asked)
    let_it_be_due()
    assert services.publish_when_due(draft_id=draft.pk) == []
    assert why in Draft.objects.get().failure
    assert OutboxEvent.objects.get(topic=OutboxEvent.Topic.NOT_PUBLISHED).draft_id == draft.pk
    assert selectors.due_scheduled_posts() == []
    assert not Post.objects.filter(author=alice).exists()
    if cause != "suspended":
        assert "It wasn’t published" in writer.get("/drafts").content.decode()
        assert "Scheduled" in writer.get(f"/compose?draft={draft.pk}").content.decode()


def test_a_yes_to_training_holds_where_its_words_are_the_same(writer, alice):
    record_age_attestation(user=alice)
    draft = schedule(writer, training="pretraining")
    let_it_be_due()
    services.publish_when_due(draft_id=draft.pk)
    granted = ConsentEvent.objects.get(decision="granted")
    assert (granted.post_id, granted.source) == (Post.objects.get().pk, "composer")


def test_a_yes_to_words_that_have_changed_since_is_none(writer, alice):
    grant(alice, "evaluation")
    before = ConsentEvent.objects.count()
    draft = schedule(writer, training="pretraining")
    old = Notice.objects.filter(purpose="pretraining").order_by("-version").first()
    Draft.objects.update(notices={"pretraining": old.pk + 1000})
    let_it_be_due()
    services.publish_when_due(draft_id=draft.pk)
    assert Post.objects.exists()
    assert ConsentEvent.objects.count() == before


def test_a_yes_that_waits_is_taken_back_with_all_others(writer, alice):
    record_age_attestation(user=alice)
    draft = schedule(writer, training="pretraining")
    withdraw_all(user=alice)
    let_it_be_due()
    services.publish_when_due(draft_id=draft.pk)
    assert Post.objects.exists()
    assert not ConsentEvent.objects.filter(decision="granted").exists()


def test_a_yes_after_all_were_taken_back_counts(writer, alice):
    record_age_attestation(user=alice)
    withdraw_all(user=alice)
    draft = schedule(writer, training="pretraining")
    let_it_be_due()
    services.publish_when_due(draft_id=draft.pk)
    assert ConsentEvent.objects.filter(decision="granted").exists()


@pytest.mark.parametrize("act", [services.redraft, services.undo_publishing])
def test_a_no_to_training_stays_with_the_words(writer, alice, act):
    grant(alice)
    draft = act(post=post(alice, "Not for machines", training="never"))
    form = writer.get(f"/compose?draft={draft.pk}").context["form"]
    assert form["training"].value() == "never"
    again = act(post=post(alice, "For machines"))
    assert "training" not in again.fields


def test_a_name_of_a_field_that_the_database_cannot_hold(writer):
    assert save(writer, **{"na\x00me": "x"}).status_code == 200
    assert Draft.objects.get().fields["name"] == "x"


def test_redrafting_deletes_the_post_and_keeps_its_words(alice, bob):
    asked = post(bob, "Asked")
    old = post(
        alice,
        "Bread rses slowly.",
        reply_to=asked,
        warning="Bread",
        visibility="unlisted",
        language="en",
    )
    draft = services.redraft(post=old)
    assert not Post.objects.filter(pk=old.pk).exists()
    assert (draft.excerpt, draft.reply_to) == ("Bread rses slowly.", asked)
    assert (draft.fields["warning"], draft.fields["visibility"], draft.fields["language"]) == (
        "Bread",
        "unlisted",
        "en",
    )
