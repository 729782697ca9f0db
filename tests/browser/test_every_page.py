"""Every page in both palettes, on a phone and on a desk: accessible by axe-core, and nothing cut or sideways."""

from collections.abc import Iterable

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.addresses import all_patterns
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.pages import (
    ACTS,
    ADMIN_PAGES,
    FOR_PROGRAMS,
    MEMBER,
    ONLY_REDIRECT,
    PAGES,
    VISITOR,
    World,
    make_world,
    paths_for,
    serve_failures,
)
from tests.factories import person

# A palette changes colours and nothing else, so the second one is only asked about these.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
# The wide page shows all that the narrow one does, and more, in the same colours.
LIGHT, DARK = ("light", {}), ("dark", COLOURS)
AXE = """async (options) => {
  // Django's admin lets its colours glide.
  await Promise.all(document.getAnimations().map((animation) => animation.finished));
  // A sheet of the admin imports another, which axe would write into the page, against its policy.
  const preload = !document.querySelector("link[href*='admin/css/forms']");
  const { violations } = await axe.run(document, { resultTypes: ["violations"], preload, ...options });
  const described = ({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`;
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${described(node)}`));
}"""
SIDEWAYS = "document.scrollingElement.scrollWidth > innerWidth"
# What is read but lies in part outside of its box, where no scroll bar leads. Names too long for a line end in dots;
# the whole name stands on the profile.
UNSEEN = ".visually-hidden, .skip-link, svg"
# Names end in dots, pictures fill their place, what is typed scrolls in its field, and the browser's own button for
# files lies unseen behind ours.
MAY_BE_CUT = f".post__author, .user-list__name, .menu__label, .media-image__link, .media-upload__file, input, {UNSEEN}"
CUT = """(left_out) => {
  const clipped = (style) => ["hidden", "clip"].includes(style.overflowX);
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && !element.closest(left_out) && !element.querySelector(left_out))
    .filter((element) => element.scrollWidth > element.clientWidth + 1 && clipped(getComputedStyle(element)))
    .map((element) => element.outerHTML.slice(0, 160));
}"""
MAY_BE_OUTSIDE = f".table-scroll, pre, {UNSEEN}"
OUTSIDE = """(left_out) => [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && !element.closest(left_out))
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 160))"""


@pytest.fixture
def world(live_server) -> World:
    return make_world()


def test_every_address_is_a_page_here_or_no_page():
    names = {name for name, _ in all_patterns() if not name.startswith("admin:")}
    assert names == {*PAGES, *ACTS, *FOR_PROGRAMS, *ONLY_REDIRECT}


def complaints(page: Page, where: str) -> list[str]:
    """Return what is wrong with the page that is open, in either palette and at either width."""
    found = []
    for size, schemes in ((PHONE, [LIGHT]), (DESKTOP, [LIGHT, DARK])):
        page.set_viewport_size(size)
        for scheme, options in schemes:
            page.emulate_media(color_scheme=scheme)
            found += [
                f"{where} {size['width']} {scheme}: {problem}"
                for problem in page.evaluate(AXE, options)
            ]
        found += [f"{where} {size['width']} scrolls sideways"] * page.evaluate(SIDEWAYS)
        found += [
            f"{where} {size['width']} cut: {element}" for element in page.evaluate(CUT, MAY_BE_CUT)
        ]
        found += [
            f"{where} {size['width']} outside: {element}"
            for element in page.evaluate(OUTSIDE, MAY_BE_OUTSIDE)
        ]
    return found


def walk(page: Page, paths: Iterable[str]) -> list[str]:
    page.context.add_init_script(AXE_SCRIPT)
    found = []
    for path in paths:
        response = page.goto(path)
        assert response
        assert (response.status, page.url.endswith(path)) == (200, True), (
            f"{path} led to {page.url}"
        )
        found += complaints(page, path)
    return found


def test_the_pages_of_a_visitor(open_page: OpenPage, world: World):
    page = open_page()
    failures = serve_failures(page.context)
    assert walk(page, [*paths_for(VISITOR, world), *failures]) == []


def test_the_pages_of_a_member(open_page: OpenPage, world: World):
    assert walk(open_page(world.reader), paths_for(MEMBER, world)) == []


def test_the_review_of_a_snapshot(open_page: OpenPage, world: World):
    assert walk(open_page(world.staff), [path(world) for path in ADMIN_PAGES]) == []


def test_what_opens_on_a_page(open_page: OpenPage, world: World):
    page = open_page(world.reader)
    page.context.add_init_script(AXE_SCRIPT)
    page.goto("/public")
    page.locator("summary").filter(has_text="Your account").click()
    found = complaints(page, "the account menu")
    page.keyboard.press("Escape")
    page.get_by_text("Not used for training").first.click()
    found += complaints(page, "the training mark")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Post", exact=True).click()
    expect(page.get_by_role("dialog", name="New post")).to_be_visible()
    page.get_by_role("dialog").get_by_text("Post settings").click()
    found += complaints(page, "the dialog")
    page.keyboard.press("Escape")
    page.locator("body").press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    found += complaints(page, "the list of keys")
    assert found == []


def test_pages_with_errors(open_page: OpenPage, world: World, watch):
    watch.expect(422)
    page = open_page(person("newcomer"), java_script_enabled=True)
    page.context.add_init_script(AXE_SCRIPT)
    page.goto("/compose")
    page.get_by_label("Your post").evaluate("field => field.required = false")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("Write something first.")).to_be_visible()
    found = complaints(page, "a post without words")
    page.goto("/settings/training")
    page.get_by_role("region", name="Pretraining").get_by_role("button", name="Yes").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += complaints(page, "a yes without the attestation")
    visitor = open_page()
    visitor.context.add_init_script(AXE_SCRIPT)
    visitor.goto("/accounts/login/")
    visitor.get_by_label("Name or email").fill("nobody")
    visitor.get_by_label("Password").fill("nothing at all")
    visitor.get_by_role("button", name="Log in").click()
    expect(visitor.get_by_role("alert")).to_be_visible()
    found += complaints(visitor, "a log-in that failed")
    assert found == []
