"""What axe-core cannot see: sizes for fingers, a page that does not jump, and what readers set for themselves."""

import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from common.pagination import PAGE_SIZE
from tests.browser.conftest import PHONE, OpenPage
from tests.factories import post

FINGER = 44
MIN_SHIFT = 0.02
COUNT_SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shift += entry.value; }))
    .observe({ type: "layout-shift", buffered: true });
"""
MOVING = """() => [...document.querySelectorAll("*")]
    .map((element) => getComputedStyle(element))
    .filter((style) => style.animationName !== "none" || !/^0s(, 0s)*$/.test(style.transitionDuration)).length"""


@pytest.fixture
def posts(alice: User, bob: User) -> None:
    for number in range(PAGE_SIZE + 5):
        post(bob, f"Note {number}: bread rises slowly, and so does this.")
    post(alice, "Mine, with its mark.")


@pytest.fixture
def phone(open_page: OpenPage, alice: User, posts: None) -> Page:
    return open_page(alice, viewport=PHONE, has_touch=True)


def test_what_a_finger_has_to_hit(phone):
    phone.goto("/")
    bar = phone.get_by_role("navigation", name="Main")
    assert bar.bounding_box()["y"] + bar.bounding_box()["height"] == PHONE["height"]
    assert [link.strip() for link in bar.get_by_role("link").all_inner_texts()] == [
        "Home",
        "Explore",
        "Post",
        "Notifications",
        "Profile",
    ]
    targets = [
        *bar.get_by_role("link").all(),
        *phone.get_by_role("button").all(),
        *phone.locator("summary").all(),
    ]
    for target in targets:
        # A file's own button lies unseen in its label, which takes the finger.
        if target.get_attribute("type") == "file":
            target = target.locator("xpath=ancestor::label")
        box = target.bounding_box()
        if box and "composer__more" not in target.evaluate(
            "element => element.parentElement.className"
        ):
            assert min(box["width"], box["height"]) >= FINGER, target.evaluate(
                "element => element.outerHTML"
            )


def test_what_has_focus_is_not_behind_the_bar(phone):
    phone.goto("/public")
    for _ in range(40):
        phone.keyboard.press("Tab")
        assert phone.evaluate(
            """() => {
              const element = document.activeElement, box = element.getBoundingClientRect();
              const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
              return element === document.body || element.contains(top) || top?.contains(element);
            }"""
        ), phone.evaluate("document.activeElement.outerHTML")


def test_a_page_does_not_jump_when_its_scripts_arrive(phone):
    def delay(route: Route) -> None:
        time.sleep(0.3)
        route.continue_()

    phone.add_init_script(COUNT_SHIFTS)
    phone.route("**/js/main.js", delay)
    for address in ("/", "/@alice"):
        phone.goto(address)
        phone.wait_for_load_state("networkidle")
        assert phone.evaluate("window.shift") < MIN_SHIFT, address


def test_load_more_moves_nothing(phone):
    phone.goto("/public")
    last = phone.get_by_role("article").nth(PAGE_SIZE - 1)
    more = phone.get_by_role("link", name="Load more")
    more.scroll_into_view_if_needed()
    before = last.bounding_box()
    more.click()
    expect(phone.get_by_role("article")).to_have_count(PAGE_SIZE + 6)
    assert last.bounding_box() == before


def test_reduced_motion_is_respected(open_page, alice, posts):
    page = open_page(alice, reduced_motion="no-preference")
    page.goto("/")
    assert page.evaluate(MOVING) > 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == 0


def test_a_chosen_palette_stays(open_page, alice):
    page = open_page(alice, color_scheme="light")
    page.goto("/")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.locator("summary").filter(has_text="Your account").click()
    page.get_by_role("button", name="Dark").click()
    page.goto("/public")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != paper
    page.locator("summary").filter(has_text="Your account").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Auto").click()
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == paper


def test_a_like_that_does_not_go_through_says_so(phone, watch):
    def fail(route: Route) -> None:
        route.fulfill(status=503, body="")

    phone.goto("/public")
    phone.route("**/like", fail)
    phone.get_by_role("button", name=re.compile("^Like")).last.click()
    expect(phone.get_by_text("That did not go through.")).to_be_visible()
    expect(phone.get_by_role("button", name=re.compile("^Like")).last).to_have_attribute(
        "aria-pressed", "false"
    )
    phone.get_by_role("button", name="Dismiss").click()
    expect(phone.get_by_text("That did not go through.")).to_have_count(0)
    assert watch.complaints
    assert all("503" in complaint for complaint in watch.complaints)
    watch.complaints.clear()


def test_times_are_told_as_people_tell_them(phone):
    phone.goto("/public")
    when = phone.get_by_role("article").first.get_by_role("time")
    expect(when).to_have_text(re.compile(r"\d+[sm] ago|now"))
    expect(when).to_have_attribute("title", re.compile(r"\d{4}"))
