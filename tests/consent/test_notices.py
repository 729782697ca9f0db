"""Notices: versions in two languages, drafts that become one, and what a change does to an earlier yes."""

import hashlib

import pytest
from django.contrib.auth.models import Permission

from consent.default_notices import DEFAULT_NOTICES, NOTICE_LABELS
from consent.models import Language, Notice, NoticeDraft
from consent.notices import (
    MissingTranslationsError,
    current_notice,
    current_notices,
    find_notice,
    min_valid_versions,
    publish_drafts,
    sync_default_notices,
)
from consent.purposes import Purpose
from consent.selectors import get_consent_status
from dataset_export.eligibility import exportable_posts
from tests.factories import grant, person, post

PAGE = "/settings/training"


def draft(purpose: str = "pretraining", languages: list[str] = Language.values) -> None:
    for language in languages:
        NoticeDraft.objects.create(
            purpose=purpose, language=language, text=f"New words, {language}"
        )


def test_every_purpose_has_words_and_labels_in_every_language():
    assert {*DEFAULT_NOTICES} == {
        (purpose, language) for purpose in Purpose.values for language in Language.values
    }
    assert {*NOTICE_LABELS} == {*Language.values}


def test_the_first_versions_are_published_once(db):
    sync_default_notices()
    sync_default_notices()
    assert Notice.objects.count() == len(DEFAULT_NOTICES)
    for notice in Notice.objects.all():
        assert bytes(notice.text_sha256) == hashlib.sha256(notice.text.encode()).digest()
        assert find_notice(str(notice)) == notice


@pytest.mark.parametrize(
    "name", ["", "pretraining", "pretraining/1", "pretraining/x/en", "pretraining/²/en", "a/9/en"]
)
def test_what_names_no_notice_finds_none(db, name):
    sync_default_notices()
    assert find_notice(name) is None


def test_drafts_become_one_version_in_all_languages(db):
    sync_default_notices()
    draft()
    assert publish_drafts(purpose="pretraining", is_material=True) == 2
    assert {str(notice) for notice in Notice.objects.filter(version=2)} == {
        "pretraining/2/en",
        "pretraining/2/de",
    }
    assert current_notice("pretraining", "de").text == "New words, de"
    assert current_notice("evaluation").version == 1
    assert not NoticeDraft.objects.exists()


def test_a_language_without_a_draft_stops_the_publication(db):
    sync_default_notices()
    draft(languages=["en"])
    with pytest.raises(MissingTranslationsError, match="Deutsch"):
        publish_drafts(purpose="pretraining", is_material=False)
    assert current_notice("pretraining").version == 1
    assert NoticeDraft.objects.count() == 1


@pytest.mark.parametrize(("is_material", "still_counts"), [(True, False), (False, True)])
def test_only_a_material_change_ends_an_earlier_yes(alice, is_material, still_counts):
    mine = post(alice)
    grant(alice)
    grant(alice, "evaluation")
    draft()
    publish_drafts(purpose="pretraining", is_material=is_material)
    assert set(exportable_posts("pretraining")) == ({mine} if still_counts else set())
    assert set(exportable_posts("evaluation")) == {mine}
    assert get_consent_status(alice.pk).needs_reconfirmation() == (
        [] if still_counts else ["pretraining"]
    )
    assert min_valid_versions()["pretraining"] == (1 if still_counts else 2)


def test_an_answer_to_the_new_words_counts_again(alice):
    mine = post(alice)
    grant(alice)
    draft()
    publish_drafts(purpose="pretraining", is_material=True)
    grant(alice)
    assert set(exportable_posts("pretraining")) == {mine}
    assert get_consent_status(alice.pk).needs_reconfirmation() == []


def test_a_build_keeps_to_the_words_that_it_began_with(alice):
    mine = post(alice)
    grant(alice)
    then = min_valid_versions()["pretraining"]
    draft()
    publish_drafts(purpose="pretraining", is_material=True)
    assert set(exportable_posts("pretraining", notice_version=then)) == {mine}


def test_home_and_the_page_ask_again(client, alice):
    grant(alice)
    client.force_login(alice)
    assert "Review choices" not in client.get("/").content.decode()
    draft()
    publish_drafts(purpose="pretraining", is_material=True)
    assert "Review choices" in client.get("/").content.decode()
    page = client.get(PAGE).content.decode()
    assert NOTICE_LABELS["en"].changed in page
    assert "New words, en" in page


def test_the_page_speaks_the_language_that_is_asked_for(client, alice):
    client.force_login(alice)
    german = DEFAULT_NOTICES["pretraining", "de"]
    assert german.text not in client.get(PAGE).content.decode()
    assert german.text in client.get(f"{PAGE}?lang=de").content.decode()
    assert german.text in client.get(PAGE).content.decode()
    assert german.text not in client.get(f"{PAGE}?lang=en").content.decode()


@pytest.mark.parametrize(
    ("header", "language"),
    [("de-AT,de;q=0.9,en;q=0.5", "de"), ("fr,en", "en"), ("", "en"), ("xx", "en")],
)
def test_the_browsers_language_comes_first(client, alice, header, language):
    client.force_login(alice)
    assert client.get(PAGE, headers={"Accept-Language": header}).context["language"] == language


def test_the_decision_stores_the_language_that_was_read(client, alice):
    client.force_login(alice)
    client.get(f"{PAGE}?lang=de")
    form = {"decision": "granted", "adult": "on", "notice": "pretraining/1/de"}
    client.post(f"{PAGE}/pretraining", form)
    assert str(get_consent_status(alice.pk).account["pretraining"].notice) == "pretraining/1/de"


@pytest.mark.parametrize("name", ["evaluation/1/en", "pretraining/9/en", "x", ""])
def test_an_answer_to_other_words_is_refused(client, alice, name):
    sync_default_notices()
    client.force_login(alice)
    response = client.post(
        f"{PAGE}/pretraining", {"decision": "granted", "adult": "on", "notice": name}
    )
    assert response.status_code == 422
    assert get_consent_status(alice.pk).account == {}


def test_words_that_changed_while_they_were_read_are_shown_again(client, alice):
    client.force_login(alice)
    client.get(PAGE)
    draft()
    publish_drafts(purpose="pretraining", is_material=False)
    form = {"decision": "granted", "adult": "on", "notice": "pretraining/1/en"}
    response = client.post(f"{PAGE}/pretraining", form)
    assert response.status_code == 422
    assert "The text has changed" in response.content.decode()
    assert get_consent_status(alice.pk).account == {}


@pytest.mark.parametrize(("decision", "written"), [("granted", []), ("withdrawn", ["pretraining"])])
def test_words_that_changed_after_signing_up_stop_a_yes_and_no_no(client, alice, decision, written):
    client.force_login(alice)
    client.get("/welcome")
    draft()
    publish_drafts(purpose="pretraining", is_material=True)
    client.post(
        "/welcome",
        {"pretraining": decision, "adult": "on", "pretraining_notice": "pretraining/1/en"},
    )
    assert list(get_consent_status(alice.pk).account) == written


def test_words_that_changed_while_they_were_read_do_not_stop_a_no(client, alice):
    grant(alice)
    post(alice)
    client.force_login(alice)
    draft()
    publish_drafts(purpose="pretraining", is_material=False)
    client.post(f"{PAGE}/pretraining", {"decision": "withdrawn", "notice": "pretraining/1/en"})
    assert not exportable_posts("pretraining").exists()


def test_an_editor_publishes_in_the_admin(client, db):
    sync_default_notices()
    editor = person("editor", is_staff=True)
    editor.user_permissions.set(Permission.objects.filter(codename__endswith="noticedraft"))
    client.force_login(editor)
    draft()
    drafts = [one.pk for one in NoticeDraft.objects.all()]
    form = {"action": "publish_material", "_selected_action": drafts}
    page = client.post("/admin/consent/noticedraft/", form, follow=True)
    assert "version 2 is published" in page.content.decode()
    assert current_notices("de")["pretraining"].version == 2
