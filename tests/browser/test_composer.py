import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from posts.models import Draft, Post
from posts.services import publishing
from posts.text.entities import MAX_POST_LENGTH, length, normalize_text
from tests.browser.conftest import PHONE, OpenPage
from tests.factories import post

TOO_LONG = "a" * (MAX_POST_LENGTH + 3)
TEXTS = {
    "nothing": "",
    "letters": "Bread rises slowly.",
    "blanks around": "  bread \n\n",
    "a family, joined": "👩‍👩‍👧‍👦 at home",
    "a flag and a skin tone": "🇳🇱🇧🇪 👋🏽",
    "keycap": "1️⃣2️⃣",
    "accents of their own": "e\u0301a\u0308\u0323",
    "Devanagari conjuncts": "क्षत्रिय नमस्ते",
    "Thai": "น้ำตาล",
    "Hangul in parts": "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "Arabic": "السلام عليكم",
    "line breaks": "one\ntwo\n\nthree",
    "a URL": "see https://example.org/" + "long/" * 40,
    "a URL in capitals": "see HTTPS://EXAMPLE.ORG/" + "LONG/" * 40,
    "two URLs": "http://a.example https://b.example/?q=1",
    "URLs without a blank between": "http://a.examplehttps://b.example",
    "a URL with a long s": "http\u017f://example.org/" + "long/" * 20,
    "separators of files around": "\x1c\x1fa\x85\x1e",
    "a URL in brackets": "(https://example.org/a).",
    "URLs that end at brackets": "(https://a.example/(b)c)d) https://a.example/((e",
    "URLs before words without blanks": "https://a.example/これはhttps://例え.jp한국",
    "letters of many scripts in a path": "https://a.example/αλφα_слово_שלום#é",
    "hosts that are none": "http://a https://-a.example http://a_b.example https://xn--あ.jp http://a.b-c https://a..b",
    "hosts with all that may be in them": "http://a_b.c-d.example:8000/?q=1. https://xn--a.xn--b https://✪df.example.",
    "no URL behind signs": "@https://a.example $https://a.example ahttps://a.example",
    "no URL": "https:// and ftp://example.org and example.org",
    "a URL that ends in an accent": "https://example.org/cafe\u0301",
    "an accent after a URL": "https://example.org \u0301a",
    "no-break and ideographic blanks": "\u00a0https://example.org/\u3000a\u3000",
    "byte order mark and zero width": "\ufeffa\u200bb\u200d",
    "a line separator": "https://example.org/\u2028a\u0085b",
    "just full": "a" * MAX_POST_LENGTH,
    "too long": TOO_LONG,
}


@pytest.fixture
def page(open_page: OpenPage, alice: User) -> Page:
    page = open_page(alice)
    page.goto("/")
    return page


def composer(page: Page):
    return page.get_by_role("textbox", name="Your post")


def counted(page: Page) -> int:
    number, what = page.locator("main [data-count]").first.inner_text().split(maxsplit=1)
    return MAX_POST_LENGTH - int(number) if what == "left" else MAX_POST_LENGTH + int(number)


def test_the_counter_counts_as_the_server_does(page):
    field, wrong = composer(page), {}
    for name, text in TEXTS.items():
        field.fill(text)
        if counted(page) != length(normalize_text(text)):
            wrong[name] = {"counter": counted(page), "server": length(normalize_text(text))}
    assert wrong == {}


def test_a_thread_out_of_the_page(java_script, open_page, alice):
    page = open_page(alice, java_script_enabled=java_script)
    page.goto("/")
    composer(page).fill("The first of three.")
    for part in ("Part 2", "Part 3"):
        page.get_by_role("main").get_by_role("button", name="Add to thread").click()
        field = page.get_by_role("textbox", name=part)
        expect(field).to_be_focused()
        field.fill(f"{part} of it.")
    expect(composer(page)).to_have_value("The first of three.")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("Thread posted.")).to_be_visible()
    expect(page.get_by_role("article").filter(has_text="The first of three.")).to_be_visible()
    first, second, third = Post.objects.order_by("pk")
    assert (second.reply_to, third.reply_to) == (first, second)


def test_a_thread_out_of_the_dialog(page):
    page.get_by_role("link", name="Post", exact=True).click()
    dialog = page.get_by_role("dialog", name="New post")
    composer(dialog).fill("One")
    dialog.get_by_role("button", name="Add to thread").click()
    dialog.get_by_role("textbox", name="Part 2").fill("Two")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(({id}) => id)")
    assert len(ids) == len(set(ids))
    dialog.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("Thread posted.")).to_be_visible()


def test_each_part_has_its_own_count(page):
    composer(page).fill("One")
    page.get_by_role("main").get_by_role("button", name="Add to thread").click()
    page.get_by_role("textbox", name="Part 2").fill(TOO_LONG)
    expect(page.locator("main [data-count]")).to_have_text(["497 left", "3 too many"])
    expect(page.get_by_role("button", name="Post", exact=True)).to_be_disabled()


def test_what_is_typed_is_kept_and_gone_on_with(page):
    composer(page).press_sequentially("Half a thought")
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()
    page.goto("/drafts")
    page.get_by_role("link", name="Continue").click()
    expect(composer(page)).to_have_value("Half a thought")
    composer(page).fill("A whole thought")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_role("article").get_by_text("A whole thought")).to_be_visible()
    assert not Draft.objects.exists()


def test_a_draft_without_javascript_on_a_phone(open_page, alice):
    page = open_page(alice, java_script_enabled=False, viewport=PHONE)
    page.goto("/compose")
    composer(page).fill("Half a thought")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Drafts")
    page.get_by_role("link", name="Continue").click()
    expect(composer(page)).to_have_value("Half a thought")
    page.get_by_role("link", name="drafts", exact=True).click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No drafts.")).to_be_visible()


def test_a_post_for_later_by_the_writers_clock(open_page, alice):
    page = open_page(alice, timezone_id="Asia/Tokyo")
    page.goto("/compose")
    composer(page).fill("Scheduled")
    page.get_by_text("Post settings").click()
    expect(page.get_by_text("By your clock (Asia/Tokyo).")).to_be_visible()
    moment = (timezone.now() + timedelta(days=3)).replace(
        hour=12, minute=30, second=0, microsecond=0
    )
    page.get_by_label("Publish later").fill(f"{moment:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_role("heading", name="Scheduled")).to_be_visible()
    expect(page.get_by_text("12:30")).to_be_visible()
    assert Draft.objects.get().publish_at == moment - timedelta(hours=9)
    page.get_by_role("button", name="Unschedule").click()
    expect(page.get_by_role("link", name="Continue")).to_be_visible()


def test_who_reads_a_post_is_seen_where_the_choice_is_folded_away(page):
    options = page.locator("summary").filter(has_text="Post settings")
    expect(options).to_contain_text("Public")
    options.click()
    page.get_by_label("Who can see this").select_option(label="Followers only")
    page.get_by_label("Who can reply").select_option(label="Followers")
    page.get_by_label("Content warning").fill("Bread")
    options.click()
    expect(options).to_contain_text("Followers only · Replies: Followers · Content warning")


def test_what_is_too_long_cannot_be_sent_and_the_counter_says_why(page):
    composer(page).fill(TOO_LONG)
    expect(page.get_by_text("3 too many")).to_be_visible()
    expect(page.get_by_role("button", name="Post", exact=True)).to_be_disabled()
    composer(page).fill(TOO_LONG[3:])
    expect(page.get_by_role("button", name="Post", exact=True)).to_be_enabled()


def test_without_javascript_the_server_says_why(open_page, watch, alice):
    watch.expect(422)
    page = open_page(alice, java_script_enabled=False)
    page.goto("/compose")
    composer(page).fill(TOO_LONG)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(composer(page)).to_have_value(TOO_LONG)
    expect(composer(page)).to_have_accessible_description(re.compile("3 characters too long"))
    assert not Post.objects.exists()


def test_a_double_click_posts_once(java_script, open_page, alice, monkeypatch):
    insert = publishing.insert_post

    def insert_slowly(*args: Any) -> Post:
        time.sleep(0.5)
        return insert(*args)

    monkeypatch.setattr(publishing, "insert_post", insert_slowly)
    page = open_page(alice, java_script_enabled=java_script)
    page.goto("/")
    composer(page).fill("Only once.")
    box = page.get_by_role("button", name="Post", exact=True).bounding_box()
    for _ in range(2):
        with page.expect_request(lambda request: request.method == "POST"):
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", level=1)).to_have_text("Post")
    assert Post.objects.count() == 1


def test_the_dialog_takes_focus_and_keeps_the_words(page):
    page.goto("/public")
    page.get_by_role("link", name="Post", exact=True).click()
    dialog = page.get_by_role("dialog", name="New post")
    expect(composer(dialog)).to_be_focused()
    page.keyboard.type("Half a thought")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="Post", exact=True)).to_be_focused()
    page.get_by_role("link", name="Post", exact=True).click()
    expect(composer(dialog)).to_have_value("Half a thought")
    expect(composer(dialog)).to_be_focused()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_a_post_out_of_the_dialog(page):
    page.goto("/public")
    page.get_by_role("link", name="Post", exact=True).click()
    dialog = page.get_by_role("dialog", name="New post")
    composer(dialog).fill("Out of the dialog.")
    dialog.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_role("article").get_by_text("Out of the dialog.")).to_be_visible()


def test_the_dialog_shows_what_is_answered(page, bob):
    post(bob, "A question for all.")
    page.goto("/public")
    page.get_by_role("link", name="Reply, 0 so far").click()
    dialog = page.get_by_role("dialog", name="Reply")
    asked = dialog.get_by_role("article", name="Post by bob")
    expect(asked.get_by_text("A question for all.")).to_be_visible()
    expect(asked.get_by_role("button")).to_have_count(0)
    expect(dialog.get_by_role("textbox", name="Your reply")).to_be_focused()


def test_a_reply_out_of_the_dialog_goes_to_its_post(page, bob):
    first, second = post(bob, "The first."), post(bob, "The second.")
    page.goto("/public")
    for answered in (first, second):
        card = page.get_by_role("article").filter(has_text=answered.text)
        card.get_by_role("link", name="Reply").click()
        dialog = page.get_by_role("dialog", name="Reply")
        dialog.get_by_role("textbox", name="Your reply").fill(f"To {answered.text}")
        page.keyboard.press("Escape")
    page.get_by_role("article").filter(has_text=second.text).get_by_role(
        "link", name="Reply"
    ).click()
    page.get_by_role("dialog", name="Reply").get_by_role("button", name="Reply").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thread")
    assert Post.objects.get(reply_to__isnull=False).reply_to == second


def test_control_and_enter_post(page):
    composer(page).fill("By keys alone.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("article").get_by_text("By keys alone.")).to_be_visible()


def test_by_keyboard_alone(page):
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("No mouse at hand.")
    for label in ("Pictures", "Post settings", "Add poll"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("main").locator(":focus").locator("xpath=..")).to_contain_text(
            label
        )
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Post", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article").get_by_text("No mouse at hand.")).to_be_visible()


def test_the_main_links_come_first_and_in_their_order(page):
    names = []
    for _ in range(8):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("document.activeElement.innerText.trim().split('\\n').pop().trim()")
        )
    assert names[:7] == [
        "Skip to content",
        "Commonplace",
        "Home",
        "Explore",
        "Post",
        "Notifications",
        "Profile",
    ]


@pytest.mark.parametrize("has_javascript", [True, False])
def test_going_back_to_a_composer_repeats_nothing_and_swallows_nothing(
    open_page: OpenPage, alice: User, has_javascript
):
    page = open_page(alice, java_script_enabled=has_javascript)
    page.goto("/compose")
    write_and_post(page, "Bread")
    page.go_back()
    write_and_post(page, "Butter")
    page.go_back()
    page.reload()
    write_and_post(page, "Jam")
    if has_javascript:
        # With the words of before comes the key of before.
        page.go_back()
        write_and_post(page, "Jam")
    assert list(Post.objects.order_by("pk").values_list("text", flat=True)) == [
        "Bread",
        "Butter",
        "Jam",
    ]


def write_and_post(page: Page, words: str) -> None:
    page.get_by_label("Your post").fill(words)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("article").filter(has_text=words).first).to_be_visible()
