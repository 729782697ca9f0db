"""The pages about one's own decisions and the public log, as a person meets them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from consent.transparency_log.checkpoints import sign_checkpoint
from tests.browser.conftest import PHONE
from tests.factories import grant, withdraw


def assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize(
    "options", [{}, {"viewport": PHONE, "color_scheme": "dark"}], ids=["desktop", "phone, dark"]
)
def test_from_the_menu_to_a_receipt_and_the_log(open_page, alice, options):
    grant(alice)
    withdraw(alice)
    sign_checkpoint()
    page = open_page(alice, **options)
    page.goto("/")
    page.locator("summary", has_text="Your account:").click()
    page.get_by_role("link", name="Your data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data")
    assert_accessible(page)
    page.get_by_role("link", name="Receipt number 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt number 1")
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the receipt").click()
    assert download.value.suggested_filename == "receipt-1.json"
    page.get_by_role("link", name="the consent log").click()
    expect(page.get_by_label("Text of the checkpoint")).to_contain_text("/log")
    assert_accessible(page)


def test_the_log_is_open_to_everybody(open_page):
    page = open_page()
    page.goto("/log/")
    expect(page.get_by_text("Nothing has been signed yet.")).to_be_visible()
    assert_accessible(page)
