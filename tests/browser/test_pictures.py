"""Pictures in the browser: sent, described, looked at."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from posts.models import Media, Post
from posts.services import PostInput, media, publish_post
from tests.browser.conftest import PHONE, OpenPage
from tests.pictures import developed, jpeg

COUNT_SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shift += entry.value; }))
    .observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "cat.jpg", tmp_path / "dog.jpg"]
    for path, size in zip(paths, ((900, 600), (600, 900)), strict=True):
        path.write_bytes(jpeg(*size))
    return paths


def develop_all() -> None:
    for pk in Media.objects.waiting().values_list("pk", flat=True):
        media.process_media(pk)


def write_with_pictures(page: Page, files: list[Path], java_script: bool) -> None:
    """Write a post with two pictures; one is described at once, the other after a reminder."""
    page.goto("/compose")
    page.get_by_label("Your post").fill("Two of them.")
    page.get_by_label("Pictures").first.set_input_files(files)
    if not java_script:
        page.get_by_role("button", name="Post", exact=True).click()
    descriptions = page.get_by_role("textbox", name=re.compile("^Description of picture"))
    expect(descriptions).to_have_count(2)
    descriptions.first.fill("A cat that sleeps")
    page.get_by_role("button", name="Post", exact=True).click()
    if java_script:
        expect(page.get_by_text("Some images have no alt text")).to_be_visible()
        expect(descriptions.first).to_have_value("A cat that sleeps")
        descriptions.last.fill("A dog that does not")
        page.get_by_role("button", name="Post", exact=True).click()


def test_a_post_with_two_pictures(open_page: OpenPage, alice: User, files, java_script):
    page = open_page(alice, java_script_enabled=java_script)
    write_with_pictures(page, files, java_script)
    card = page.get_by_role("article").filter(has_text="Two of them.").first
    expect(card.get_by_text("This image is being processed.")).to_have_count(2)
    develop_all()
    if not java_script:
        card.get_by_role("link", name="Refresh").first.click()
    # With a script the card asks for them by itself.
    expect(card.get_by_role("img", name="A cat that sleeps")).to_be_visible()
    assert Post.objects.get().media.count() == 2
    card.get_by_label("Alt text").first.click()
    expect(card.get_by_text("A cat that sleeps")).to_be_visible()


def test_a_picture_over_the_page(open_page: OpenPage, alice: User):
    rows = [developed(alice, jpeg(900, 600), alt=words) for words in ("First", "Second")]
    made = publish_post(
        author=alice, draft=PostInput("Look", media_ids=tuple(row.pk for row in rows))
    )
    page = open_page(alice)
    page.goto(made.get_absolute_url())
    page.get_by_role("link", name="First").click()
    dialog = page.get_by_role("dialog", name="Picture")
    expect(dialog.get_by_role("img", name="First")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("img", name="Second")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("img", name="First")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("link", name="First")).to_be_focused()


def test_a_picture_without_javascript_is_a_link_to_its_file(open_page: OpenPage, alice: User):
    row = developed(alice, alt="First")
    made = publish_post(author=alice, draft=PostInput("Look", media_ids=(row.pk,)))
    page = open_page(java_script_enabled=False)
    page.goto(made.get_absolute_url())
    page.get_by_role("link", name="First").click()
    assert page.url.endswith(row.url)


def test_what_is_sensitive_is_shown_when_asked_for(open_page: OpenPage, alice: User):
    row = developed(alice, alt="First")
    made = publish_post(
        author=alice, draft=PostInput("Look", media_ids=(row.pk,), is_sensitive=True)
    )
    page = open_page(java_script_enabled=False)
    page.goto(made.get_absolute_url())
    expect(page.get_by_role("img", name="First")).to_be_hidden()
    page.get_by_text("Sensitive image").click()
    expect(page.get_by_role("img", name="First")).to_be_visible()


def test_pictures_move_nothing_when_they_arrive(open_page: OpenPage, alice: User):
    for number in range(1, 5):
        rows = [developed(alice, jpeg(900, 300 * place)) for place in range(1, number + 1)]
        publish_post(
            author=alice, draft=PostInput(f"{number}", media_ids=tuple(row.pk for row in rows))
        )
    page = open_page(alice, viewport=PHONE)
    page.add_init_script(COUNT_SHIFTS)
    page.goto("/@alice")
    page.wait_for_load_state("networkidle")
    page.mouse.wheel(0, 3000)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shift") < 0.02


def test_a_file_that_is_no_picture_says_so_beside_the_field(
    open_page: OpenPage, alice: User, tmp_path, watch
):
    watch.expect(422)
    (tmp_path / "page.png").write_text("<html></html>")
    page = open_page(alice)
    page.goto("/compose")
    page.get_by_label("Pictures").first.set_input_files(tmp_path / "page.png")
    expect(page.get_by_role("alert").filter(has_text="page.png is no")).to_be_visible()
    expect(page.get_by_role("textbox", name=re.compile("^Description of picture"))).to_have_count(0)


def test_a_picture_that_is_ready_stands_in_the_composer_by_itself(
    open_page: OpenPage, alice: User, files
):
    page = open_page(alice)
    page.goto("/compose")
    page.get_by_label("Pictures").first.set_input_files(files[0])
    expect(page.get_by_role("textbox", name=re.compile("^Description of picture"))).to_have_count(1)
    develop_all()
    expect(page.get_by_role("img", name="The image you added")).to_be_visible()


def test_pictures_are_put_in_order_and_described_anew_in_an_edit(
    open_page: OpenPage, alice: User, files, java_script
):
    rows = [developed(alice, jpeg(900, 600), alt=words) for words in ("A cat", "A dog")]
    made = publish_post(
        author=alice, draft=PostInput("Look", media_ids=tuple(row.pk for row in rows))
    )
    page = open_page(alice, java_script_enabled=java_script)
    page.goto(f"/posts/{made.pk}/edit")
    places = page.get_by_label(re.compile("^Position of image"))
    places.last.select_option("First")
    page.get_by_role("textbox", name=re.compile("^Description of picture")).first.fill("A loud one")
    if java_script:
        # It has moved already, and the other made way.
        expect(places.last).to_have_value("2")
    page.get_by_role("button", name="Save").click()
    words = ["A loud one", "A cat"] if java_script else ["A dog", "A loud one"]
    article = page.get_by_role("article").first
    expect(article.locator(".media-image__image").first).to_have_attribute("alt", words[0])
    expect(article.locator(".media-image__image").last).to_have_attribute("alt", words[1])
    page.get_by_role("link", name="Edited").first.click()
    expect(page.locator("ins").filter(has_text="A loud one")).to_be_visible()


def test_a_picture_is_left_out_again(open_page: OpenPage, alice: User, files):
    page = open_page(alice)
    page.goto("/compose")
    page.get_by_label("Pictures").first.set_input_files(files)
    descriptions = page.get_by_role("textbox", name=re.compile("^Description of picture"))
    expect(descriptions).to_have_count(2)
    page.get_by_label("Remove image").first.click()
    expect(descriptions).to_have_count(1)
