"""Being told of what others did, on two devices; getting about by keys; and what is left without a network."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.services import follow
from posts.services import like_post
from tests.browser.conftest import PHONE, OpenPage
from tests.factories import person, post
from timeline.event_handlers import dispatch_outbox

COUNT = "[data-unread]"
KEPT = """async () => {
  const opened = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const kept = await Promise.all(opened.map((cache) => cache.keys()));
  return kept.flat().map(({ url }) => new URL(url).pathname);
}"""


@pytest.fixture
def told(alice: User, bob: User) -> None:
    """Alice was answered by Bob, and two people liked what she wrote."""
    mine = post(alice, "Bread rises slowly.")
    for someone in (bob, person("dora", display_name="Dora")):
        like_post(user=someone, post=mine)
    post(bob, "So do I.", reply_to=mine)
    dispatch_outbox()


def test_reading_on_one_device_clears_the_other(open_page: OpenPage, alice, bob, told):
    phone, desk = open_page(alice, viewport=PHONE), open_page(alice)
    phone.clock.install()
    for page in (phone, desk):
        page.goto("/public")
        expect(page.get_by_role("link", name=re.compile("2 unread Notifications"))).to_be_visible()
    desk.get_by_role("link", name=re.compile("Notifications")).click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Notifications")
    expect(desk.get_by_text("New:")).to_have_count(2)
    liked = desk.get_by_role("article", name=re.compile("Dora and bob liked your post"))
    expect(liked.get_by_role("link", name="Bread rises slowly.")).to_be_visible()
    expect(desk.get_by_role("article").filter(has_text="So do I.").first).to_be_visible()
    expect(desk.locator(COUNT)).to_be_hidden()
    phone.clock.run_for(61_000)
    expect(phone.locator(COUNT)).to_be_hidden()

    follow(follower=bob, followed=alice)
    dispatch_outbox()
    phone.clock.run_for(61_000)
    expect(phone.locator(COUNT)).to_contain_text("1")


def test_without_javascript_a_button_marks_all_as_read(open_page: OpenPage, alice, told):
    page = open_page(alice, java_script_enabled=False)
    page.goto("/notifications")
    expect(page.get_by_text("New:")).to_have_count(2)
    page.reload()
    expect(page.get_by_text("New:")).to_have_count(2)
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Notifications")
    expect(page.get_by_text("New:")).to_have_count(0)
    page.get_by_role("link", name="Likes", exact=True).click()
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("link", name="People you follow").click()
    expect(page.get_by_text("None of these")).to_be_visible()
    page.get_by_role("link", name="Notification settings").click()
    page.get_by_label("Someone likes your post").uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_text("liked your post")).to_have_count(0)


def test_load_more_goes_on_in_the_list(open_page: OpenPage, alice, bob):
    for number in range(25):
        post(bob, f"Number {number}, @alice")
    dispatch_outbox()
    page = open_page(alice)
    page.goto("/notifications")
    cards = page.get_by_role("main").locator(".notification")
    expect(cards).to_have_count(20)
    page.get_by_role("link", name="Load more").click()
    expect(cards).to_have_count(25)
    expect(cards.last).to_contain_text("Number 0,")


@pytest.fixture
def page(open_page: OpenPage, alice: User, bob: User) -> Page:
    follow(follower=alice, followed=bob)
    for number in range(3):
        post(bob, f"Note {number}.")
    page = open_page(alice)
    page.goto("/")
    return page


def focused(page: Page):
    return page.locator("article:focus")


def test_from_post_to_post_by_keys(page):
    for key, text in [
        ("j", "Note 2."),
        ("j", "Note 1."),
        ("j", "Note 0."),
        ("j", "Note 0."),
        ("k", "Note 1."),
    ]:
        page.keyboard.press(key)
        expect(focused(page)).to_contain_text(text)
        expect(focused(page)).to_have_css("outline-style", "solid")
    card = page.get_by_role("article").filter(has_text="Note 1.")
    page.keyboard.press("l")
    expect(card.locator("[data-action=like]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("b")
    expect(card.locator("[data-action=bookmark]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("t")
    expect(card.get_by_role("button", name="Repost", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    card.focus()
    page.keyboard.press("r")
    expect(page.get_by_role("dialog", name="Reply")).to_be_visible()
    page.keyboard.type("jkl?")
    expect(page.get_by_role("dialog").get_by_role("textbox", name="Your reply")).to_have_value(
        "jkl?"
    )
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    card.focus()
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text("Post")


def test_ways_to_other_pages_by_keys(page):
    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="New post")).to_be_visible()
    page.keyboard.press("Escape")
    # The browser closes it, and takes the focus out of its field, a moment after the key.
    page.wait_for_function("document.activeElement === document.body")
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Notifications")
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def test_the_slash_leads_to_the_search_field(page):
    page.keyboard.press("/")
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    page.keyboard.type("j/")
    expect(field).to_have_value("j/")
    page.set_viewport_size(PHONE)
    page.goto("/settings/profile")
    page.keyboard.press("/")
    page.wait_for_url("**/explore")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox").first).to_be_focused()


def test_keys_can_be_switched_off_and_on_again(page):
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    dialog.get_by_label("Use shortcuts in this browser").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    expect(focused(page)).to_have_count(0)
    page.locator("summary").filter(has_text="Your account").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    dialog.get_by_label("Use shortcuts in this browser").check()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(focused(page)).to_contain_text("Note 2.")


def test_keys_rest_while_somebody_types(page):
    field = page.get_by_role("main").get_by_role("textbox", name="Your post")
    field.click()
    page.keyboard.type("j?ngh")
    expect(field).to_have_value("j?ngh")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_without_a_network_one_page_is_left(open_page: OpenPage, alice, watch):
    page = open_page(alice, service_workers="allow")
    post(alice, "Among us.")
    page.goto("/@alice")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    expect(page.get_by_text("Among us.")).to_be_visible()
    kept = page.evaluate(KEPT)
    assert "/offline" in kept
    assert all(path == "/offline" or path.startswith("/static/") for path in kept)
    page.reload()
    page.context.set_offline(True)
    page.goto("/notifications")
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re offline")
    expect(page.get_by_text("Among us.")).to_have_count(0)
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")
    watch.complaints[:] = [
        one for one in watch.complaints if "ERR_INTERNET_DISCONNECTED" not in one
    ]
