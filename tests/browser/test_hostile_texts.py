"""Names and words that are made to break a page: every card, list and profile stays within its lines."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.services import follow
from posts.services import like_post
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_every_page import CUT, MAY_BE_CUT, MAY_BE_OUTSIDE, OUTSIDE, SIDEWAYS
from tests.factories import person, post
from timeline.event_handlers import dispatch_outbox

ZALGO = "Z" + "\u0335\u0322\u0327\u0334\u035b" * 6 + "a" + "\u0336\u0310\u0357" * 6 + "lgo"
NAMES = {
    "zalgo": ZALGO[:60],
    "turned": "\u202egnp.ylimaf\u202d",
    "emoji": "🧑‍🚀" * 12,
    "arabic": "محمد بن عبد الله بن عبد المطلب بن هاشم",
    "word": "W" * 60,
    "blank": "\u2800\u3164",
    "markup": "<b>&amp;</b>\"'><script>",
}
MAX_LINE_HEIGHT = 120


@pytest.fixture
def hostile(alice: User) -> list[User]:
    """People with such names, each of whom wrote, answered, liked and follows."""
    mine = post(alice, f"{ZALGO} {NAMES['turned']}")
    people = [person(username, display_name=name, bio=name * 3) for username, name in NAMES.items()]
    for someone in people:
        follow(follower=someone, followed=alice)
        follow(follower=alice, followed=someone)
        like_post(user=someone, post=mine)
        post(someone, f"{someone.display_name} " * 4, reply_to=mine)
        post(someone, f"{someone.display_name} @alice")
    dispatch_outbox()
    return people


def wrong(page: Page) -> list[str]:
    found = []
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        found += ["sideways"] * page.evaluate(SIDEWAYS)
        found += page.evaluate(OUTSIDE, MAY_BE_OUTSIDE)
        found += page.evaluate(CUT, f"{MAY_BE_CUT}, .notification__summary, .training-badge__label")
    return found


def test_no_name_breaks_a_page(open_page: OpenPage, alice, hostile):
    page = open_page(alice)
    for address in ("/", "/notifications", "/@alice/followers", *(f"/@{name}" for name in NAMES)):
        page.goto(address)
        assert wrong(page) == [], address
    page.goto("/")
    for head in page.locator(".post__head").all():
        assert head.bounding_box()["height"] < MAX_LINE_HEIGHT


def test_what_is_turned_round_stays_in_its_place(open_page: OpenPage, alice, hostile):
    page = open_page(alice)
    page.goto("/@turned")
    card = page.get_by_role("article").first
    name, handle = (
        card.locator(".post__name").bounding_box(),
        card.locator(".post__handle").bounding_box(),
    )
    assert name["x"] < handle["x"]
    expect(card.locator(".post__handle")).to_have_text("@turned")
    page.goto("/@arabic")
    words = page.get_by_role("article").last.locator(".post__text p")
    assert words.evaluate("element => getComputedStyle(element).direction") == "rtl"


def test_a_thread_on_paper(open_page: OpenPage, alice, hostile):
    page = open_page(alice)
    page.goto("/@alice")
    page.locator(".post__time").last.click()
    page.emulate_media(media="print")
    for left_out in (
        ".masthead",
        ".aside",
        ".composer",
        ".post__actions",
        ".toasts",
        ".feed__more",
    ):
        for element in page.locator(left_out).all():
            expect(element).to_be_hidden()
    expect(page.get_by_role("article").first).to_be_visible()
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.panel')).borderLeftWidth") == "0px"
    )
