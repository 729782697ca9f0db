"""Repost, quote, vote, block and list, with JavaScript and without it."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from posts.models import Post
from posts.services import PollDraft
from tests.browser.conftest import PHONE, OpenPage
from tests.factories import post


@pytest.fixture
def page(open_page: OpenPage, java_script: bool, alice: User) -> Page:
    return open_page(alice, java_script_enabled=java_script)


def card(page: Page, text: str):
    return page.get_by_role("article").filter(has_text=text)


def menu(page: Page, text: str, label: str):
    """Open a menu of a card and return the card."""
    found = card(page, text)
    found.locator(f"summary[aria-label^='{label}']").click()
    return found


def test_repost_and_take_it_back(page, bob, java_script):
    post(bob, "Worth passing on.")
    page.goto("/public")
    menu(page, "Worth passing on.", "Repost or quote").get_by_role(
        "button", name="Repost", exact=True
    ).click()
    count = card(page, "Worth passing on.").locator(
        "summary[aria-label='Repost or quote, 1 reposts so far']"
    )
    expect(count).to_be_visible()
    if java_script:
        expect(count).to_be_focused()
    assert page.url.partition("#")[0].endswith("/public")
    page.goto("/")
    expect(card(page, "Worth passing on.").get_by_text("Reposted by alice")).to_be_visible()
    menu(page, "Worth passing on.", "Repost or quote").get_by_role(
        "button", name="Undo repost"
    ).click()
    expect(page.locator("summary[aria-label='Repost or quote, 1 reposts so far']")).to_have_count(0)
    page.reload()
    expect(card(page, "Worth passing on.")).to_have_count(0)


def test_a_menu_opens_upwards_where_there_is_no_room_below(open_page, alice, bob):
    for number in range(6):
        post(bob, f"Number {number}.")
    page = open_page(alice, viewport=PHONE)
    page.goto("/public")
    nav = page.get_by_role("navigation", name="Main").bounding_box()
    for number in range(6):
        found = menu(page, f"Number {number}.", "More for this post")
        block = found.get_by_role("link", name="Block @bob")
        expect(block).to_be_in_viewport(ratio=1)
        page.wait_for_function(
            "end => document.querySelector('.menu[open] .menu__panel').getBoundingClientRect().bottom <= end",
            arg=nav["y"],
        )
        page.keyboard.press("Escape")
        expect(block).to_be_hidden()


def test_a_menu_closes_when_it_leads_to_a_dialog(open_page, alice, bob):
    post(bob, "Quoted words.")
    page = open_page(alice)
    page.goto("/public")
    menu(page, "Quoted words.", "Repost or quote").get_by_role("link", name="Quote").click()
    expect(page.get_by_role("dialog").get_by_role("textbox", name="Your post")).to_be_focused()
    expect(page.locator(".menu[open]")).to_have_count(0)
    page.get_by_role("button", name="Close").click()
    expect(page.locator("summary[aria-label^='Repost or quote']")).to_be_focused()


def test_bookmark_and_find_it_again(page, bob):
    post(bob, "Scheduled.")
    page.goto("/public")
    keep = card(page, "Scheduled.").get_by_role("button", name="Bookmark")
    keep.click()
    expect(keep).to_have_attribute("aria-pressed", "true")
    page.locator("summary").filter(has_text="Your account").click()
    page.get_by_role("link", name="Bookmarks").click()
    expect(card(page, "Scheduled.")).to_be_visible()


def test_quote_and_be_taken_out(page, open_page, bob, java_script):
    post(bob, "Quoted words.")
    page.goto("/public")
    menu(page, "Quoted words.", "Repost or quote").get_by_role(
        "link", name="Quote", exact=True
    ).click()
    composer = page.get_by_role("dialog") if java_script else page.get_by_role("main")
    expect(composer.get_by_text("Quoted words.")).to_be_visible()
    composer.get_by_label("Your post").fill("Look at this.")
    composer.get_by_role("button", name="Post", exact=True).click()
    quote = card(page, "Look at this.").first
    expect(quote.get_by_text("Quoted words.")).to_be_visible()

    other = open_page(bob, java_script_enabled=java_script)
    other.goto(Post.objects.get(text="Look at this.").get_absolute_url())
    menu(other, "Look at this.", "More for this post").get_by_role(
        "button", name="Remove my post from this quote"
    ).click()
    expect(other.get_by_text("Your post is no longer shown in that quote.")).to_be_visible()
    expect(card(other, "Look at this.").get_by_text("detached by its author")).to_be_visible()
    other.goto(f"{Post.objects.get(text='Quoted words.').get_absolute_url()}/quotes")
    other.get_by_role("button", name="Restore").click()
    expect(card(other, "Look at this.").get_by_text("Quoted words.")).to_be_visible()


def test_a_button_that_is_off_says_why(page, bob):
    post(bob, "A closed circle.", reply_policy="mentioned", quote_policy="nobody")
    page.goto("/public")
    closed = menu(page, "A closed circle.", "Repost or quote")
    expect(closed.get_by_text("The author has turned off quotes.")).to_be_visible()
    closed.get_by_role("link", name=re.compile("^Reply.*Only people it mentions can reply")).click()
    expect(
        page.get_by_role("main").get_by_text("Only people it mentions can reply.")
    ).to_be_visible()
    expect(page.get_by_role("main").get_by_role("textbox")).to_have_count(0)


def test_ask_and_vote(page, open_page, bob, java_script):
    page.goto("/compose")
    main = page.get_by_role("main")
    main.get_by_label("Your post").fill("Which flour?")
    main.get_by_text("Add poll").click()
    main.get_by_label("Answer 1").fill("Rye")
    main.get_by_label("Answer 2").fill("Wheat")
    main.get_by_role("button", name="Post", exact=True).click()
    expect(card(page, "Which flour?").get_by_text("0 people voted")).to_be_visible()
    expect(card(page, "Which flour?").get_by_role("button", name="Vote")).to_have_count(0)

    voter = open_page(bob, java_script_enabled=java_script)
    voter.goto("/public")
    asked = card(voter, "Which flour?")
    asked.get_by_label("Wheat").check()
    asked.get_by_role("button", name="Vote").click()
    expect(asked.get_by_role("listitem").filter(has_text="Wheat")).to_contain_text("100 %")
    expect(asked.get_by_role("listitem").filter(has_text="Wheat")).to_contain_text("Your vote")
    expect(asked.get_by_text("1 person voted")).to_be_visible()
    if java_script:
        assert voter.url.endswith("/public")
        expect(asked.locator(".poll")).to_be_focused()


def test_a_vote_without_a_choice_says_so(page, bob, watch):
    watch.expect(422)
    post(bob, "Which of these?", poll=PollDraft(("Rye", "Wheat"), hours=1, is_multiple=True))
    page.goto("/public")
    card(page, "Which of these?").get_by_role("button", name="Vote").click()
    expect(card(page, "Which of these?").get_by_role("alert")).to_have_text(
        "Choose one of the answers first."
    )
    card(page, "Which of these?").get_by_label("Rye").check()
    card(page, "Which of these?").get_by_role("button", name="Vote").click()
    expect(card(page, "Which of these?").get_by_text("1 person voted")).to_be_visible()


def test_mute_for_a_day_then_block(page, bob):
    post(bob, "Too loud.")
    page.goto("/public")
    menu(page, "Too loud.", "More for this post").get_by_role("link", name="Mute @bob").click()
    page.get_by_label("1 day").check()
    page.get_by_role("button", name="Mute", exact=True).click()
    expect(page.get_by_text("Muted @bob.")).to_be_visible()
    page.goto("/public")
    expect(card(page, "Too loud.")).to_have_count(0)
    page.goto("/@bob")
    expect(card(page, "Too loud.")).to_be_visible()
    page.locator("summary[aria-label='More for @bob']").click()
    page.get_by_role("main").get_by_role("link", name="Block", exact=True).click()
    page.get_by_role("button", name="Block", exact=True).click()
    expect(page.get_by_text("You blocked this user")).to_be_visible()
    expect(card(page, "Too loud.")).to_have_count(0)
    page.get_by_role("button", name="Unblock @bob").click()
    expect(card(page, "Too loud.")).to_be_visible()


def test_ask_to_follow_and_be_let_in(page, open_page, bob, java_script):
    bob.requires_follow_approval = True
    bob.save()
    page.goto("/@bob")
    page.get_by_role("button", name="Request to follow @bob").click()
    expect(page.get_by_role("button", name="Cancel request @bob")).to_be_visible()
    other = open_page(bob, java_script_enabled=java_script)
    other.goto("/settings/follow-requests")
    other.get_by_role("button", name="Accept @alice").click()
    expect(other.get_by_text("@alice now follows you.")).to_be_visible()
    page.goto("/@bob")
    expect(page.get_by_role("button", name="Unfollow @bob")).to_be_visible()


def test_make_a_list_and_put_somebody_into_it(page, bob):
    page.goto("/lists")
    page.get_by_label("Name").fill("Bakers")
    page.get_by_role("button", name="Create list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bakers")
    page.goto("/@bob")
    page.locator("summary[aria-label='More for @bob']").click()
    page.get_by_role("link", name="Add to list").click()
    page.get_by_label("Bakers").check()
    page.get_by_role("button", name="Keep").click()
    page.goto("/lists")
    page.get_by_role("link", name="1 person in Bakers").click()
    page.get_by_role("button", name="Remove @bob").click()
    expect(page.get_by_text("No one yet")).to_be_visible()


def test_a_hidden_reply_is_opened_and_shown_again(page, alice, bob):
    asked = post(alice, "A question.")
    post(bob, "An unkind answer.", reply_to=asked)
    page.goto(asked.get_absolute_url())
    menu(page, "An unkind answer.", "More for this post").get_by_role(
        "button", name="Hide this reply"
    ).click()
    expect(page.get_by_text("1 reply hidden by the author")).to_be_visible()
    expect(card(page, "An unkind answer.")).not_to_be_visible()
    page.get_by_text("1 reply hidden by the author").click()
    menu(page, "An unkind answer.", "More for this post").get_by_role(
        "button", name="Show this reply"
    ).click()
    expect(page.get_by_text("1 reply hidden by the author")).to_have_count(0)
    expect(card(page, "An unkind answer.")).to_be_visible()
