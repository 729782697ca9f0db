"""Take the pictures of README.md from a site that runs with its demo world: `make run`, then `make pictures`."""

import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

SITE = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
PASSWORD = "commonplace-demo"
FOLDER = Path(__file__).resolve().parent
SIZE = {"width": 1280, "height": 800}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        sys.exit("No Chromium was found; `make test` installs one where it may.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        take(logged_in(browser, "ben"), "/", "timeline", top="article >> nth=0")
        builder = logged_in(browser, "builder")
        take(builder, review_of_a_snapshot(builder), "review")
        browser.close()


def logged_in(browser: Browser, name: str) -> Page:
    page = browser.new_page(viewport=SIZE, color_scheme="light")
    page.goto(f"{SITE}/accounts/login/")
    page.get_by_label("Name or email").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()
    return page


def review_of_a_snapshot(page: Page) -> str:
    """Build a snapshot and return the path of its review page."""
    page.goto(f"{SITE}/admin/dataset_export/snapshot/add/")
    page.get_by_label("Name").fill("letters")
    page.get_by_label("Purpose").select_option("pretraining")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Start the build").click()
    page.get_by_text("In review").first.wait_for()
    return re.sub(r"\Ahttps?://[^/]+", "", page.url)


def take(page: Page, path: str, name: str, top: str = "body") -> None:
    """Take what is seen of a page that begins at the element `top`."""
    page.goto(SITE + path)
    page.wait_for_load_state("networkidle")
    page.locator(top).evaluate("element => window.scrollTo(0, element.getBoundingClientRect().top)")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=75)


if __name__ == "__main__":
    main()
