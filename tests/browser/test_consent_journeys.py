"""How people are asked, look before they answer, answer for single posts and for many, and take it all back."""

import re

import pytest
from playwright.sync_api import Page, expect

from consent.models import ConsentEvent
from consent.selectors import get_consent_status
from tests.browser.test_journeys import card, write
from tests.factories import grant, post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(open_page, alice, java_script) -> Page:
    return open_page(alice, java_script_enabled=java_script)


def test_the_screen_after_sign_up_takes_answers_one_by_one(page, alice, watch):
    watch.expect(422)
    page.goto("/welcome")
    asked = page.get_by_role("group", name="Evaluation")
    asked.get_by_label("Yes").check()
    page.get_by_role("button", name="Save choices").click()
    expect(page.get_by_role("alert")).to_contain_text("18 or older")
    expect(asked.get_by_label("Yes")).to_be_checked()
    page.get_by_label("I’m 18 or older").check()
    page.get_by_role("button", name="Save choices").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    assert {
        purpose: event.decision for purpose, event in get_consent_status(alice.pk).account.items()
    } == {"evaluation": "granted"}


def test_look_before_saying_yes(page, alice):
    post(alice, "Seen before.")
    post(alice, "For my people.", visibility="followers")
    page.goto("/settings/training")
    page.get_by_role("link", name="Pretraining: preview which posts would be shared").click()
    expect(page.get_by_role("heading", name="1 post")).to_be_visible()
    expect(page.get_by_role("link", name="Seen before.")).to_be_visible()
    expect(page.get_by_text("For my people.")).to_have_count(0)
    page.get_by_role("link", name="Back to AI training").click()
    expect(page).to_have_url(re.compile("/settings/training#pretraining$"))
    assert not ConsentEvent.objects.exists()


def test_read_the_notices_in_german(page):
    page.goto("/settings/training")
    page.get_by_role("link", name="Deutsch").click()
    expect(
        page.get_by_text("Modelle lernen aus deinen Beiträgen, wie Menschen schreiben.")
    ).to_be_visible()
    page.get_by_label("Ich bin 18 oder älter").first.check()
    page.get_by_role("button", name="Ja").first.click()
    expect(page.get_by_text("Pretraining: yes.")).to_be_visible()
    assert str(ConsentEvent.objects.get().notice) == "pretraining/1/de"


def test_decide_for_one_post_from_its_menu(page, alice):
    post(alice, "Just this one.")
    grant(alice)
    page.goto("/@alice")
    one = card(page, "Just this one.")
    one.get_by_label("More for this post").click()
    one.get_by_role("link", name="AI training for this post…").click()
    page.get_by_label("Never, whatever my settings say").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved for this post.")).to_be_visible()
    expect(card(page, "Just this one.").get_by_text("Never used for training")).to_be_visible()


def test_decide_in_the_composer(page, alice):
    grant(alice)
    page.goto("/compose")
    page.get_by_role("main").get_by_text("Post settings").click()
    page.get_by_role("main").get_by_label("Use for AI training").select_option("never")
    write(page, "Not this one.")
    expect(card(page, "Not this one.").get_by_text("Never used for training")).to_be_visible()


def test_decide_for_many_posts_and_undo(page, alice):
    for text in ("One #garden", "Two #garden", "Three"):
        post(alice, text)
    grant(alice)
    page.goto("/settings/posts-training")
    page.get_by_label("With the tag").fill("#garden")
    page.get_by_role("button", name="Preview posts").click()
    expect(page.get_by_role("heading", name="2 posts")).to_be_visible()
    page.get_by_role("button", name="Apply to 2 posts").click()
    page.goto("/@alice")
    expect(page.get_by_text("Never used for training")).to_have_count(2)
    page.goto("/settings/posts-training")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone.")).to_be_visible()
    page.goto("/@alice")
    expect(page.get_by_text("Shared: Pretraining", exact=True)).to_have_count(3)


def test_no_to_everything_says_what_happens_now(page, alice):
    post(alice, "Mine.")
    for purpose in ("pretraining", "open_release"):
        grant(alice, purpose)
    page.goto("/settings/training")
    page.get_by_role("button", name="Opt out of everything").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What happens next")
    page.goto("/@alice")
    expect(card(page, "Mine.").get_by_text("Not used for training")).to_be_visible()
