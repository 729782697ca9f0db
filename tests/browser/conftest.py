import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from accounts.models import User
from tests.browser.watching import Watch

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MILLISECONDS = 60_000
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser on PATH (looked for {', '.join(BROWSERS)})")
    with pytest.MonkeyPatch.context() as patch:
        # Playwright's own loop runs in this thread; Django would take what a test asks it for as asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        patch.setattr(StaticFilesHandler, "serve", serve_for_good)
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            yield browser
            browser.close()


serve = StaticFilesHandler.serve


def serve_for_good(handler: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
    """Serve a file as production does, where its name has its hash: to be asked for once."""
    response = serve(handler, request)
    response["Cache-Control"] = "max-age=3600"
    return response


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Whatever goes wrong in any page of a test; it fails the test at the end."""
    watch = Watch()
    yield watch
    assert watch.complaints == []


@pytest.fixture
def open_page(browser: Browser, live_server, watch: Watch) -> Iterator[OpenPage]:
    """A function that opens an empty page in a browser of its own, signed in as a person or as nobody."""
    contexts: list[BrowserContext] = []

    def open_page(user: User | None = None, **options: object) -> Page:
        # A worker would stand between the page and the routes of a test.
        defaults = {"viewport": DESKTOP, "reduced_motion": "reduce", "service_workers": "block"}
        options = {**defaults, **options}
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        if user is not None:
            context.add_cookies(
                [{"name": "sessionid", "value": session_of(user), "url": live_server.url}]
            )
        watch.follow(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def java_script(request) -> bool:
    return request.param
