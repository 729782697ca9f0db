"""What every page sends along, and that no page needs what the Content-Security-Policy forbids."""

from html.parser import HTMLParser

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.common.test_access import ADMIN_OTHERS, ROWS
from tests.factories import person
from timeline.views import timelines

ADMIN_PAGES = [
    "/admin/accounts/user/{alice}/change/",
    "/admin/accounts/user/add/",
    "/admin/posts/post/",
    "/admin/posts/post/{post}/delete/",
    "/admin/dataset_export/recipe/add/",
    "/admin/dataset_export/snapshot/",
    "/admin/dataset_export/snapshot/add/",
    "/admin/dataset_export/snapshot/{snapshot}/change/",
    "/admin/dataset_export/snapshot/{snapshot}/history/",
]


# Blocks of data, which no browser runs.
DATA = ("application/json", "application/ld+json")


class Page(HTMLParser):
    """Collect what a strict policy would not run, style or load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.titles = 0
        self.feed(html)

    def handle_starttag(self, tag, attributes) -> None:
        values = dict(attributes)
        self.titles += tag == "title"
        inline = tag == "style" or (
            tag == "script" and not values.get("src") and values.get("type") not in DATA
        )
        if inline:
            self.refused.append(f"<{tag}>")
        for name, value in attributes:
            address = (value or "").strip().lower()
            if name == "style" or name.startswith("on"):
                self.refused.append(f"<{tag} {name}>")
            if name in ("href", "src", "action", "formaction") and address.startswith(
                ("javascript:", "data:text")
            ):
                self.refused.append(f"<{tag} {name}={address}>")
            # A browser loads nothing from these.
            only_named = values.get("rel") in ("canonical", "alternate")
            loads = (
                tag in ("script", "link", "img", "iframe", "object")
                and name in ("src", "href")
                and not only_named
            )
            if loads and "//" in address:
                self.refused.append(f"<{tag} {name}={address}>")


def policy(response: HttpResponse) -> dict[str, list[str]]:
    directives = (part.split() for part in response["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in directives}


def check(response: HttpResponse, where: str) -> None:
    rules = policy(response)
    is_file = where.startswith("/media/") and response.status_code == 200
    assert rules["default-src"] == (["'none'"] if is_file else ["'self'"]), where
    assert rules["object-src"] == rules["base-uri"] == ["'none'"], where
    # What other sites show in a frame has no forms.
    embedded = where.endswith("/embed")
    assert rules["frame-ancestors"] == (["*"] if embedded else ["'none'"]), where
    assert rules["form-action"] == (["'none'"] if embedded else ["'self'"]), where
    for name in ("script-src", "style-src"):
        assert rules.get(name, ["'self'"]) == ["'self'"], where
    assert response["X-Content-Type-Options"] == "nosniff", where
    # Who asks for a host that is not ours is turned away before this header is set.
    assert response.get("X-Frame-Options") == (
        None if response.status_code == 400 or embedded else "DENY"
    ), where
    assert response["Referrer-Policy"] == "same-origin", where
    assert response["Cross-Origin-Opener-Policy"] == "same-origin", where
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(
        response["Permissions-Policy"].split(", ")
    ), where
    if response["Content-Type"].startswith("text/html") and not response.streaming:
        assert Page(response.content.decode()).refused == [], where


def browser(username: str | None) -> Client:
    client = Client()
    if username:
        client.force_login(User.objects.get(username=username))
    return client


@pytest.mark.parametrize("username", [None, "alice"])
def test_every_page_of_the_site(world, username):
    client = browser(username)
    for _, method, path, _ in ROWS:
        if method == "get":
            check(client.get(path.format(**world)), path)


def test_the_pages_of_the_admin(world):
    person("root", is_staff=True, is_superuser=True)
    client = browser("root")
    for path in [*ADMIN_PAGES, *(path for path, _ in ADMIN_OTHERS.values())]:
        check(client.get(path.format(**world)), path)


def broken(*args: object, **kwargs: object) -> None:
    raise ZeroDivisionError


def test_the_pages_that_say_what_went_wrong(client, alice, monkeypatch):
    client.raise_request_exception = False
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    answers = {
        404: client.get("/nowhere"),
        403: strict.post("/compose", {"text": "From elsewhere"}),
        400: client.get("/", headers={"Host": "evil.example"}),
        405: client.post("/public"),
    }
    monkeypatch.setattr(timelines, "public_rows", broken)
    answers[500] = client.get("/public")
    for status, response in answers.items():
        assert response.status_code == status
        check(response, str(status))
        if status != 405:
            assert Page(response.content.decode()).titles == 1, status
            assert "Traceback" not in response.content.decode()


def test_a_form_that_was_refused_is_as_strict(client, alice):
    client.force_login(alice)
    refused = {
        "/compose": {"text": ""},
        "/settings/training/pretraining": {},
        "/settings/tokens": {"name": ""},
    }
    for path, form in refused.items():
        response = client.post(path, form)
        assert response.status_code == 422
        check(response, path)


def test_cookies_are_not_for_scripts_nor_for_other_sites(client, alice):
    client.post("/accounts/login/", {"login": "alice", "password": "correct horse battery"})
    session = client.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"


def test_pages_differ_for_htmx_and_caches_are_told(client, alice):
    for path in ("/public", "/@alice"):
        assert "HX-Request" in client.get(path)["Vary"]
