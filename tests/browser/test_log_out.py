"""After the log-out nothing of a person comes back, with the browser's back/forward cache as it ships."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from tests.browser.conftest import ARGUMENTS, BROWSERS
from tests.factories import PASSWORD


@pytest.fixture
def caching_browser(browser: Browser) -> Iterator[Browser]:
    """A browser that keeps pages to go back to, which Playwright turns off."""
    path = next(filter(None, map(shutil.which, BROWSERS)))
    off = ["--disable-back-forward-cache"]
    started = browser.browser_type.launch(
        executable_path=path, args=ARGUMENTS, ignore_default_args=off
    )
    yield started
    started.close()


@pytest.fixture
def page(caching_browser: Browser, live_server) -> Iterator[Page]:
    context = caching_browser.new_context(base_url=live_server.url, service_workers="block")
    yield context.new_page()
    context.close()


def test_back_after_the_log_out_shows_nothing_of_a_person(page: Page, alice: User):
    page.goto("/accounts/login/")
    page.get_by_label("Name or email").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).not_to_have_url("/accounts/login/")
    for path in ("/bookmarks", "/notifications", "/settings/profile"):
        page.goto(path)
        assert page.evaluate("document.body.textContent.includes('alice')")
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Log out").last.click()
    expect(page.get_by_role("link", name="Sign up").first).to_be_visible()
    for _ in range(4):
        page.go_back()
        page.wait_for_load_state()
        assert not page.evaluate("document.body.textContent.includes('alice')"), page.url
