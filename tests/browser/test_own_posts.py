"""What people do with what they have published, and names and tags that complete themselves."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from posts.models import Post
from tests.browser.conftest import PHONE, OpenPage
from tests.factories import person, post


@pytest.fixture
def page(open_page: OpenPage, java_script: bool, alice: User) -> Page:
    return open_page(alice, java_script_enabled=java_script, viewport=PHONE)


@pytest.fixture
def scripted(open_page: OpenPage, alice: User) -> Page:
    return open_page(alice)


def composer(page: Page):
    return page.get_by_role("textbox", name="Your post")


def menu(page: Page, item: str) -> None:
    page.get_by_role("article").first.locator("summary[aria-label='More for this post']").click()
    page.get_by_role("article").first.get_by_text(item, exact=True).click()


def test_edit_and_see_what_it_said_before(page, alice, java_script):
    made = post(alice, "Bread rses slowly.")
    page.goto(made.get_absolute_url())
    menu(page, "Edit")
    expect(composer(page)).to_have_value("Bread rses slowly.")
    composer(page).fill("Bread rises slowly.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The post is changed.")).to_be_visible()
    page.get_by_role("link", name="Edited").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("History of a post")
    expect(page.locator("del")).to_have_text("rses")
    expect(page.locator("ins")).to_have_text("rises")


def test_undo_what_was_just_posted(page, java_script):
    page.goto("/compose")
    composer(page).fill("Too soon.")
    page.get_by_role("button", name="Post", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Post withdrawn.")).to_be_visible()
    expect(composer(page)).to_have_value("Too soon.")
    assert not Post.objects.exists()


def test_pin_a_post_and_take_it_down(page, alice):
    first = post(alice, "The first.")
    post(alice, "The second.")
    page.goto(first.get_absolute_url())
    menu(page, "Pin to your profile")
    expect(page.get_by_text("Post pinned to your profile.")).to_be_visible()
    page.goto("/@alice")
    expect(page.get_by_role("region", name="Pinned").get_by_text("The first.")).to_be_visible()
    menu(page, "Unpin from your profile")
    expect(page.get_by_role("region", name="Pinned")).to_have_count(0)


def test_delete_and_write_anew(page, alice):
    made = post(alice, "Bread rses slowly.")
    page.goto(f"/posts/{made.pk}/delete")
    page.get_by_role("button", name="Delete and redraft").click()
    expect(composer(page)).to_have_value("Bread rses slowly.")
    composer(page).fill("Bread rises slowly.")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_role("article").get_by_text("Bread rises slowly.")).to_be_visible()
    assert Post.objects.count() == 1


def test_a_warning_is_opened(page, bob):
    post(bob, "It was the butler.", warning="The end of the book")
    page.goto("/public")
    expect(page.get_by_text("It was the butler.")).to_be_hidden()
    page.get_by_text("The end of the book").click()
    expect(page.get_by_text("It was the butler.")).to_be_visible()


def suggested(page):
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def test_a_name_by_the_keys(scripted):
    page = scripted
    for name in ("bernard", "berta", "berthold"):
        person(name)
    page.goto("/compose")
    composer(page).press_sequentially("Thank you @ber")
    expect(suggested(page)).to_have_text(["berta @berta", "bernard @bernard", "berthold @berthold"])
    expect(page.get_by_role("status").filter(has_text="3 suggestions")).to_be_attached()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_text("berthold @berthold")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(composer(page)).to_have_attribute("aria-activedescendant", "suggestion-1")
    page.keyboard.press("Enter")
    expect(composer(page)).to_have_value("Thank you @bernard ")
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_a_tag_by_the_pointer(scripted, bob):
    page = scripted
    post(bob, "#Gardening #garden")
    page.goto("/compose")
    composer(page).press_sequentially("On #gar")
    suggested(page).filter(has_text="#Gardening").click()
    expect(composer(page)).to_have_value("On #Gardening ")
    expect(composer(page)).to_be_focused()


def test_escape_closes_the_list_and_not_the_dialog(scripted):
    page = scripted
    person("berta")
    page.goto("/public")
    page.get_by_role("link", name="Post", exact=True).click()
    dialog = page.get_by_role("dialog", name="New post")
    composer(dialog).press_sequentially("@ber")
    expect(suggested(dialog)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(dialog.get_by_role("listbox")).to_have_count(0)
    expect(dialog).to_be_visible()
    expect(composer(dialog)).to_have_value("@ber")


def test_a_click_elsewhere_closes_the_list_and_counts(scripted):
    page = scripted
    person("berta")
    page.goto("/compose")
    composer(page).press_sequentially("@ber")
    expect(suggested(page)).to_have_count(1)
    page.get_by_text("Post settings").click()
    expect(page.get_by_label("Who can see this")).to_be_visible()
    expect(page.get_by_role("listbox", name="Suggestions")).to_have_count(0)
