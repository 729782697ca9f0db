"""What people come here for, from the first page to the last, with JavaScript and without it."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.services import follow
from common.pagination import PAGE_SIZE
from consent.models import ConsentEvent
from posts.models import Post
from tests.browser.conftest import PHONE, OpenPage
from tests.factories import person, post

LIKE = re.compile("^Like")
COLOURS = "button => [getComputedStyle(button).color, getComputedStyle(button).backgroundColor]"


@pytest.fixture
def visitor(open_page: OpenPage, java_script: bool) -> Page:
    return open_page(java_script_enabled=java_script)


@pytest.fixture
def page(open_page: OpenPage, java_script: bool, alice: User) -> Page:
    return open_page(alice, java_script_enabled=java_script)


@pytest.fixture
def plain_page(open_page: OpenPage, alice: User) -> Page:
    """Where JavaScript has no part in what is tried."""
    return open_page(alice, java_script_enabled=False)


def card(page: Page, text: str):
    return page.get_by_role("article").filter(has_text=text)


def write(page: Page, text: str, field: str = "Your post", button: str = "Post") -> None:
    page.get_by_role("main").get_by_role("textbox", name=field).fill(text)
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def test_sign_up_write_log_out_and_come_back(visitor):
    page = visitor
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    page.get_by_label("Email").fill("dora@example.org")
    page.get_by_label("Username").fill("dora")
    page.get_by_label("Password").fill("a rather long password")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Can your posts be used to train AI?")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")

    write(page, "My first words here.\nhttps://example.org/a @dora")
    expect(page.get_by_text("Posted.")).to_be_visible()
    expect(card(page, "My first words here.").get_by_text("Not used for training")).to_be_visible()
    expect(page.get_by_role("link", name="example.org/a")).to_have_attribute(
        "href", "https://example.org/a"
    )
    page.get_by_role("main").get_by_role("article").get_by_role(
        "link", name="@dora", exact=True
    ).click()
    expect(card(page, "My first words here.")).to_be_visible()

    page.locator("summary").filter(has_text="Your account").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The microblog that asks before AI learns from you"
    )
    expect(card(page, "My first words here.")).to_be_visible()

    page.get_by_role("main").get_by_role("link", name="Log in").click()
    page.get_by_label("Name or email").fill("dora")
    page.get_by_label("Password").fill("a rather long password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def test_what_is_wrong_with_a_sign_up_stands_at_its_field(open_page, alice):
    page = open_page(java_script_enabled=False)
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill("dora@example.org")
    page.get_by_label("Username").fill("ALICE")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("Username")).to_have_accessible_description(re.compile("already"))
    expect(page.get_by_label("Password")).to_have_accessible_description(re.compile("too short"))
    expect(page.get_by_label("Username")).to_have_value("ALICE")


def test_reply_like_and_unlike(page, bob):
    theirs = post(bob, "A question for all.")
    page.goto(theirs.get_absolute_url())
    write(page, "An answer.", field="Your reply", button="Reply")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thread")
    expect(card(page, "An answer.")).to_be_visible()
    expect(
        card(page, "A question for all.").get_by_role("link", name="Reply, 1 so far")
    ).to_be_visible()

    page.goto("/public")
    like = card(page, "A question for all.").get_by_role("button", name=LIKE)
    expect(like).to_have_attribute("aria-pressed", "false")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(like).to_have_accessible_name("Like, 1 so far")
    assert page.url.partition("#")[0].endswith("/public")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "false")
    expect(like).to_have_accessible_name("Like, 0 so far")
    page.reload()
    expect(like).to_have_accessible_name("Like, 0 so far")


def test_follow_and_read_at_home(page, alice, bob):
    post(bob, "Seen at home.")
    page.goto("/")
    expect(card(page, "Seen at home.")).to_have_count(0)
    page.goto("/@bob")
    page.get_by_role("button", name="Follow @bob").click()
    expect(page.get_by_role("button", name="Unfollow @bob")).to_be_visible()
    page.get_by_role("link", name="Home").click()
    expect(card(page, "Seen at home.")).to_be_visible()
    page.goto("/@bob/followers")
    expect(page.get_by_role("main").get_by_role("link", name="alice")).to_be_visible()
    page.goto("/@bob")
    page.get_by_role("button", name="Unfollow @bob").click()
    expect(page.get_by_role("button", name="Follow @bob", exact=True)).to_be_visible()
    assert not alice.follows.exists()


def test_load_more(page, alice, bob, java_script):
    follow(follower=alice, followed=bob)
    for number in range(PAGE_SIZE + 12):
        post(bob, f"Note {number}.")
    for address in ("/", "/public", "/@bob"):
        page.goto(address)
        cards, more = page.get_by_role("article"), page.get_by_role("link", name="Load more")
        expect(cards).to_have_count(PAGE_SIZE)
        more.click()
        if java_script:
            expect(cards).to_have_count(PAGE_SIZE + 12)
            expect(cards.nth(PAGE_SIZE)).to_be_focused()
        else:
            expect(cards).to_have_count(12)
        expect(cards.last).to_contain_text("Note 0.")
        expect(more).to_have_count(0)


def test_the_place_in_a_long_list_is_kept_on_the_way_back_and_when_it_is_loaded_anew(
    open_page, alice, bob
):
    for number in range(2 * PAGE_SIZE + 10):
        post(bob, f"Note {number}.")
    page = open_page(alice)
    page.goto("/public")
    for count in (2 * PAGE_SIZE, 2 * PAGE_SIZE + 10):
        page.get_by_role("link", name="Load more").click()
        expect(page.get_by_role("article")).to_have_count(count)
    note = card(page, "Note 3.")
    note.locator(".post__time").click()
    expect(page.get_by_role("heading", name="Post", exact=True)).to_be_visible()
    page.go_back()
    expect(note).to_be_in_viewport()
    page.reload()
    expect(note).to_be_in_viewport()


def test_load_more_people(page, alice, java_script):
    for _ in range(PAGE_SIZE + 3):
        follow(follower=person(), followed=alice)
    page.goto("/@alice/followers")
    people = page.get_by_role("main").locator(".user-list").get_by_role("listitem")
    expect(people).to_have_count(PAGE_SIZE)
    page.get_by_role("link", name="Load more").click()
    expect(people).to_have_count(PAGE_SIZE + 3 if java_script else 3)


def purpose(page: Page, name: str):
    return page.get_by_role("region", name=name)


def test_say_yes_to_one_purpose_and_no_again(page, alice, watch):
    watch.expect(422)
    post(alice, "Shared or not.")
    page.goto("/settings/training")
    asked = purpose(page, "Pretraining")
    for button in ("Yes", "No"):
        expect(asked.get_by_role("button", name=button)).to_be_visible()
    expect(asked.get_by_role("button", name="No")).to_have_attribute("aria-pressed", "true")

    asked.get_by_label("Include posts so far").check()
    asked.get_by_role("button", name="Yes").click()
    expect(asked.get_by_role("alert")).to_contain_text("18 or older")
    expect(page.get_by_role("alert")).to_have_count(1)
    assert not ConsentEvent.objects.exists()

    expect(asked.get_by_label("Include posts so far")).to_be_checked()
    asked.get_by_label("I’m 18 or older").check()
    asked.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("Pretraining: yes.")).to_be_visible()
    expect(asked.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true")
    expect(asked).to_contain_text("all you have written and will write")
    expect(page.get_by_label("I’m 18 or older")).to_have_count(0)
    for other in ("Fine-tuning", "Evaluation", "Open release"):
        expect(purpose(page, other)).to_contain_text("Off (you haven’t chosen yet)")

    page.goto("/@alice")
    expect(
        card(page, "Shared or not.").get_by_text("Shared: Pretraining", exact=True)
    ).to_be_visible()
    page.goto("/settings/training")
    asked.get_by_role("button", name="No").click()
    expect(page.get_by_text("Pretraining: no.")).to_be_visible()
    page.goto("/@alice")
    expect(card(page, "Shared or not.").get_by_text("Not used for training")).to_be_visible()


def test_from_now_on_leaves_earlier_posts_out(plain_page, alice):
    page = plain_page
    post(alice, "Before.")
    page.goto("/settings/training")
    asked = purpose(page, "Open release")
    asked.get_by_label("I’m 18 or older").check()
    asked.get_by_role("button", name="Yes").click()
    page.goto("/")
    write(page, "After.")
    page.goto("/@alice")
    expect(card(page, "Before.").get_by_text("Not used for training")).to_be_visible()
    expect(card(page, "After.").get_by_text("Shared: Open release", exact=True)).to_be_visible()


def test_yes_and_no_weigh_the_same(open_page, alice):
    page = open_page(alice, viewport=PHONE)
    page.goto("/settings/training")
    for name in ("Pretraining", "Fine-tuning", "Evaluation", "Open release"):
        yes, no = (
            purpose(page, name).get_by_role("button", name=answer) for answer in ("Yes", "No")
        )
        assert yes.bounding_box()["width"] == no.bounding_box()["width"]
        assert yes.bounding_box()["height"] == no.bounding_box()["height"] >= 44
        assert yes.evaluate(COLOURS) == no.evaluate(COLOURS)


def test_delete_a_post(plain_page, alice):
    page = plain_page
    mine = post(alice, "To be forgotten.")
    page.goto(mine.get_absolute_url())
    page.get_by_role("article").locator("summary[aria-label='More for this post']").click()
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete this post?")
    page.get_by_role("link", name="Cancel").click()
    expect(card(page, "To be forgotten.")).to_be_visible()
    page.goto(f"/posts/{mine.pk}/delete")
    page.get_by_role("button", name="Delete the post").click()
    expect(page.get_by_text("Post deleted.")).to_be_visible()
    expect(card(page, "To be forgotten.")).to_have_count(0)
    assert not Post.objects.exists()


def test_posts_for_followers_say_so_and_stay_there(plain_page, open_page, charlie, watch):
    page = plain_page
    page.goto("/compose")
    page.get_by_text("Post settings").click()
    page.get_by_label("Who can see this").select_option(label="Followers only")
    write(page, "Among us.")
    expect(card(page, "Among us.").get_by_text("Followers only", exact=True)).to_be_visible()
    expect(
        card(page, "Among us.").get_by_text("Never used for training", exact=True)
    ).to_be_visible()
    watch.expect(404)
    other = open_page(charlie)
    other.goto(page.url)
    expect(other.get_by_role("heading", level=1)).not_to_have_text("Post")
    other.goto("/public")
    expect(card(other, "Among us.")).to_have_count(0)


def test_edit_the_profile(plain_page):
    page = plain_page
    page.goto("/settings/profile")
    page.get_by_label("Display name").fill("Alice 🌻")
    page.get_by_label("Bio").fill("Bread, mostly.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alice 🌻")
    expect(page.get_by_text("Bread, mostly.")).to_be_visible()
    expect(page.get_by_text("Profile saved.")).to_be_visible()


def test_an_act_of_somebody_whose_session_ended_leads_to_log_in_and_back(page, bob):
    post(bob, "Still here.")
    page.goto("/public")
    page.context.clear_cookies(name="sessionid")
    card(page, "Still here.").get_by_role("button", name=LIKE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    page.get_by_label("Name or email").fill("alice")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Public")
