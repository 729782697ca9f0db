"""The page on which people decide: four questions, each by itself, yes and no alike."""

import re

import pytest
from django.test import Client

from consent.ai_policy.crawlers import set_crawling_permission
from consent.default_notices import NOTICE_LABELS
from consent.models import ConsentEvent, Language, Notice, Subject
from consent.notices import sync_default_notices
from consent.purposes import Purpose
from consent.services import record_post_decisions
from tests.factories import grant, withdraw

PAGE = "/settings/training"
YES = {"decision": "granted", "covers": "everything", "adult": "on"}
NO = {"decision": "withdrawn"}
PURPOSES = list(Purpose.values)


@pytest.fixture
def browser(client, alice) -> Client:
    client.force_login(alice)
    return client


def answer(browser: Client, purpose: str, form: dict[str, str], **how):
    """Send an answer as the page would, with the name of the words that are on it."""
    sync_default_notices()
    return browser.post(f"{PAGE}/{purpose}", {"notice": f"{purpose}/1/en", **form}, **how)


def granted(browser: Client) -> list[str]:
    return [state.purpose for state in browser.get(PAGE).context["purposes"] if state.granted]


def test_the_four_purposes_are_asked_and_none_is_answered(browser):
    page = browser.get(PAGE)
    states = page.context["purposes"]
    assert [state.purpose for state in states] == PURPOSES
    assert {(state.granted, state.since, state.covers, state.error) for state in states} == {
        (False, None, "", None)
    }
    html = page.content.decode()
    assert html.count("Off (you haven’t chosen yet)") == 4
    assert not re.search(r'name="adult"[^>]*checked', html)
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_yes_is_for_its_purpose_only_and_a_no_takes_it_back(browser, purpose):
    assert answer(browser, purpose, YES)["Location"] == PAGE
    assert granted(browser) == [purpose]
    assert answer(browser, purpose, NO)["Location"] == f"{PAGE}/{purpose}/consequences"
    assert granted(browser) == []
    events = ConsentEvent.objects.order_by("position").values_list(
        "purpose", "decision", "covers", "source", "scope"
    )
    assert list(events) == [
        (purpose, "granted", "everything", "settings", "account"),
        (purpose, "withdrawn", "from_now", "settings", "account"),
    ]


def test_the_decision_names_the_words_that_were_on_the_screen(browser):
    answer(browser, "evaluation", YES)
    notice = ConsentEvent.objects.get().notice
    assert notice.purpose == "evaluation"
    assert notice.text in browser.get(PAGE).content.decode().replace("&#x27;", "'")
    assert Notice.objects.filter(purpose="evaluation").count() == len(Language.values)


def test_a_no_without_a_yes_before_is_kept_too(browser):
    answer(browser, "pretraining", NO)
    assert ConsentEvent.objects.get().decision == "withdrawn"
    assert "You said no on" in browser.get(PAGE).content.decode()


def test_left_out_means_from_now_on(browser):
    answer(browser, "pretraining", {"decision": "granted", "adult": "on"})
    assert ConsentEvent.objects.get().covers == "from_now"


def test_who_is_no_adult_says_no_only(browser, alice):
    response = answer(browser, "pretraining", {"decision": "granted"})
    assert response.status_code == 422
    assert not ConsentEvent.objects.exists()
    assert answer(browser, "pretraining", NO).status_code == 302
    assert alice.consent_subject.adult_attested_at is None


def test_being_an_adult_is_said_once(browser):
    assert 'name="adult"' in browser.get(PAGE).content.decode()
    answer(browser, "pretraining", YES)
    assert 'name="adult"' not in browser.get(PAGE).content.decode()
    assert answer(browser, "evaluation", {"decision": "granted"}).status_code == 302
    assert granted(browser) == ["pretraining", "evaluation"]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"decision": "granted"}, NOTICE_LABELS["en"].adults_only),
        ({}, "Choose yes or no."),
        ({"decision": ""}, "Choose yes or no."),
        ({"decision": "maybe"}, "Choose yes or no."),
        ({**YES, "covers": "the_past"}, "Select a valid choice."),
        ({**YES, "decision": "granted\x00"}, "Choose yes or no."),
    ],
)
def test_what_is_wrong_is_said_next_to_the_purpose_and_nothing_is_written(
    browser, alice, form, says
):
    response = answer(browser, "fine_tuning", form)
    assert response.status_code == 422
    errors = {state.purpose: state.error for state in response.context["purposes"]}
    assert says in errors.pop("fine_tuning")
    assert set(errors.values()) == {None}
    html = response.content.decode()
    section = html[html.index('id="fine_tuning"') : html.index('id="evaluation"')]
    assert 'id="fine_tuning-error"' in section
    assert 'aria-describedby="fine_tuning-error"' in section
    assert html.count('-error" role="alert"') == 1
    assert not ConsentEvent.objects.exists()
    assert alice.consent_subject.adult_attested_at is None


@pytest.mark.parametrize("purpose", ["all", "PRETRAINING", "pretraining-", "none", "everything"])
def test_there_are_no_other_purposes(browser, purpose):
    assert answer(browser, purpose, YES).status_code == 404
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize("address", [f"{PAGE}/pretraining", f"{PAGE}/none"])
def test_a_link_decides_nothing(browser, address):
    assert browser.get(address).status_code == 405


def test_another_site_cannot_decide(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert answer(client, "pretraining", YES).status_code == 403
    assert not ConsentEvent.objects.exists()
    token = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(PAGE).content.decode()
    )[1]
    assert answer(client, "pretraining", {**YES, "csrfmiddlewaretoken": token}).status_code == 302


def test_yes_and_no_look_alike(browser, alice):
    """Symmetrical choices: the same element with the same classes, and no colour that speaks for one of them."""
    for decide in (grant, withdraw):
        decide(alice)
        html = browser.get(PAGE).content.decode()
        buttons = re.findall(
            r'<button class="([^"]*)" type="(\w+)" name="decision" value="(\w+)"', html
        )
        assert [value for *_, value in buttons] == ["granted", "withdrawn"] * 4
        assert {(classes, kind) for classes, kind, _ in buttons} == {("button", "submit")}


def test_everyone_sees_their_own_answers(browser, alice, bob):
    grant(alice)
    assert granted(browser) == ["pretraining"]
    browser.force_login(bob)
    assert granted(browser) == []


def test_saying_it_again_is_fine(browser):
    for _ in range(3):
        assert answer(browser, "pretraining", YES).status_code == 302
    assert ConsentEvent.objects.count() == 1


def test_what_is_said_back_is_what_was_decided(browser):
    assert "Pretraining: yes." in answer(browser, "pretraining", YES, follow=True).content.decode()
    assert "Pretraining: no." in answer(browser, "pretraining", NO, follow=True).content.decode()


def test_a_no_does_not_promise_for_posts_that_have_a_yes_of_their_own(browser, alice):
    grant(alice)
    record_post_decisions(
        user=alice, post_ids=[1], choice=frozenset(["pretraining"]), source="settings"
    )
    page = answer(browser, "pretraining", NO, follow=True).content.decode()
    assert "Single posts to which you said yes by themselves keep that answer." in page
    assert "nothing of yours is given out" not in page
    assert browser.get(PAGE).content.decode().count("Only individual posts that you opted in") == 1


def test_no_to_everything_closes_the_pages_to_crawlers_too(browser, alice):
    grant(alice)
    set_crawling_permission(user=alice, allows=True)
    browser.post("/settings/withdraw-all")
    assert not Subject.objects.get(user=alice).allows_crawling


def test_another_language_is_at_hand_where_an_answer_was_refused(browser):
    refused = answer(browser, "pretraining", {"decision": "granted"})
    assert refused.status_code == 422
    assert f'href="{PAGE}?lang=de"' in refused.content.decode()
