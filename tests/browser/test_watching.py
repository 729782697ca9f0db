import time

import pytest

from tests.browser.conftest import PATIENCE_MILLISECONDS

MISHAPS = {
    "an uncaught error": ("setTimeout(() => { throw new Error('broken'); })", "broken"),
    "an inline script": (
        "document.body.append(Object.assign(document.createElement('script'), { textContent: '0' }))",
        "Content Security Policy",
    ),
    "an inline style": (
        "document.body.setAttribute('style', 'color: red')",
        "Content Security Policy",
    ),
    "a word on the console": ("console.error('odd')", "odd"),
    "an answer that is an error": ("fetch('/nowhere')", "404"),
    "a request to elsewhere": (
        "fetch('http://127.0.0.1:9/').catch(() => null)",
        "Content Security Policy",
    ),
}


@pytest.mark.parametrize("name", MISHAPS)
def test_what_goes_wrong_on_a_page_is_seen(open_page, watch, name):
    script, expected = MISHAPS[name]
    page = open_page()
    page.goto("/accounts/login/")
    assert watch.complaints == []
    deadline = time.monotonic() + PATIENCE_MILLISECONDS / 1000
    page.evaluate(f"() => {{ {script} }}")
    seen: list[str] = []
    while not seen and time.monotonic() < deadline:
        page.wait_for_timeout(50)
        seen = [complaint for complaint in watch.complaints if expected in complaint]
    assert seen, watch.complaints
    watch.complaints.clear()
