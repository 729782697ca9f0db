"""The one screen after sign-up: nothing ticked, skipping as easy as answering, asked once."""

import re

import pytest

from accounts.models import User
from consent.models import ConsentEvent
from consent.purposes import Purpose
from consent.selectors import get_consent_status


@pytest.fixture
def newcomer(client, alice):
    client.force_login(alice)
    client.get("/welcome")
    return client


def answers(**given: str) -> dict[str, str]:
    return {f"{purpose}_notice": f"{purpose}/1/en" for purpose in Purpose.values} | given


def test_signing_up_leads_there(client, db):
    form = {"username": "nora", "email": "nora@example.org", "password1": "correct horse battery"}
    response = client.post("/accounts/signup/", form)
    assert response["Location"] == "/welcome"
    assert client.get("/welcome").status_code == 200
    assert User.objects.get(username="nora").is_active


def test_who_came_for_a_page_is_asked_first_and_then_brought_there(client, bob):
    form = {
        "username": "nora",
        "email": "nora@example.org",
        "password1": "correct horse battery",
        "next": "/@bob",
    }
    asked = client.post("/accounts/signup/", form)["Location"]
    assert asked == "/welcome?next=%2F%40bob"
    assert "/welcome?next=%2F%40bob&amp;lang=de" in client.get(asked).content.decode()
    assert client.post(asked, answers(skip=""))["Location"] == "/@bob"
    assert client.get(asked)["Location"] == "/@bob"


def test_nobody_is_led_to_other_sites(newcomer):
    assert newcomer.post("/welcome?next=https://example.org/", answers(skip=""))["Location"] == "/"


def test_nothing_is_answered_beforehand(newcomer):
    page = newcomer.get("/welcome").content.decode()
    assert "checked" not in re.sub(r"<script.*?</script>", "", page)
    assert page.count('type="radio"') == 2 * len(Purpose.values)


def test_skipping_and_answering_look_alike(newcomer):
    page = newcomer.get("/welcome").content.decode()
    buttons = re.findall(r'<button class="([^"]*)" type="submit" name="(answer|skip)"', page)
    assert buttons == [("button", "answer"), ("button", "skip")]


def test_skipping_decides_nothing_and_is_remembered(newcomer, alice):
    response = newcomer.post("/welcome", answers(skip="", pretraining="granted", adult="on"))
    assert response["Location"] == "/"
    assert not ConsentEvent.objects.exists()
    alice.consent_subject.refresh_from_db()
    assert alice.consent_subject.asked_at is not None
    assert alice.consent_subject.adult_attested_at is None


def test_each_answer_is_for_itself(newcomer, alice):
    newcomer.post(
        "/welcome", answers(answer="", pretraining="granted", evaluation="withdrawn", adult="on")
    )
    said = {
        purpose: event.decision for purpose, event in get_consent_status(alice.pk).account.items()
    }
    assert said == {"pretraining": "granted", "evaluation": "withdrawn"}
    assert set(ConsentEvent.objects.values_list("source", flat=True)) == {"sign_up"}


@pytest.mark.parametrize(
    "form",
    [
        answers(pretraining="granted"),
        answers(pretraining="granted", adult="on", pretraining_notice="evaluation/1/en"),
        answers(pretraining="perhaps", adult="on"),
    ],
    ids=["no adult", "other words", "no answer"],
)
def test_what_does_not_hold_is_refused_whole(newcomer, form):
    response = newcomer.post("/welcome", {**form, "fine_tuning": "withdrawn"})
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert not ConsentEvent.objects.exists()


def test_whoever_was_asked_is_shown_the_settings_instead(newcomer):
    newcomer.post("/welcome", answers(skip=""))
    assert newcomer.get("/welcome")["Location"] == "/settings/training"
