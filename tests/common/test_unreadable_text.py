"""Text that no form of ours sends is answered in words: half a surrogate pair, NUL, other encodings, odd addresses."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AccessToken
from accounts.services import create_token
from consent.services import mark_prompted
from tests.dataset_export.grants import asked, granted
from tests.dataset_export.snapshots import published
from tests.factories import PASSWORD, person, post

HALF = "\ud800"
YES = {
    "purpose": "pretraining",
    "decision": "granted",
    "covers": "everything",
    "notice": "pretraining/1/en",
}


@pytest.fixture
def program(alice) -> Client:
    token = create_token(user=alice, name="laptop", scopes=AccessToken.Scope.values)
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def admin(db) -> Client:
    browser = Client()
    browser.force_login(person("admin", is_staff=True, is_superuser=True))
    return browser


@pytest.mark.parametrize(
    "body",
    [
        *({**YES, field: HALF} for field in YES),
        {HALF: "x"},
        {**YES, "more": [{"deep": [HALF]}]},
        [HALF],
        HALF,
        {**YES, "purpose": "a\udfff\ud800b"},
    ],
    ids=repr,
)
@pytest.mark.parametrize("address", ["/api/v1/consent/decisions", "/api/v1/posts/{}/training"])
def test_json_half_surrogate_pair_refused_in_json(program, alice, body, address):
    response = program.post(
        address.format(post(alice).pk), json.dumps(body), content_type="application/json"
    )
    assert response.status_code == 422
    assert (
        response.json()["error"]
        == "A text in it has half a surrogate pair, which stands for no character."
    )


def test_json_whole_surrogate_pair_taken(program, alice):
    body = {**YES, "purpose": "🍞"}
    response = program.post(
        "/api/v1/consent/decisions", json.dumps(body), content_type="application/json"
    )
    assert response.json()["error"] == 'purpose: "🍞" is not a valid choice.'


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "unicode_escape", "latin-1"])
def test_request_encoding_other_than_utf8_refused(program, client, charset):
    named = {"CONTENT_TYPE": f"application/json; charset={charset}"}
    response = program.generic("POST", "/api/v1/consent/decisions", **named)
    assert (response.status_code, response.json()) == (400, {"error": "Send text in UTF-8."})
    page = client.generic("GET", "/search?q=%2B2AA-", **named)
    assert page.status_code == 400
    assert "We couldn’t read that request" in page.content.decode()


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "us-ascii", "no-such-encoding"])
def test_request_encoding_utf8_taken(client, db, charset):
    assert (
        client.generic("GET", "/search", CONTENT_TYPE=f"text/plain; charset={charset}").status_code
        == 200
    )


def test_query_nul_in_admin_filters_refused(admin, alice):
    asked(alice)
    published("words", by=person("maker"))
    queries = {
        "timeline_trend": ("url", "tag__name"),
        "dataset_export_accessrequest": ("purpose", "dataset", "organisation"),
        "accounts_user": ("source__exact", "username", "q"),
        "dataset_export_auditentry": ("act__exact", "actor"),
        "consent_crawler": ("user_agent",),
        "dataset_export_snapshot": ("name", "state__exact"),
    }
    for model, names in queries.items():
        for name in names:
            response = admin.get(
                reverse(f"admin:{model}_changelist"), {name: "a\x00b"}, follow=True
            )
            assert response.status_code < 500, (model, name)
    page = admin.get("/admin/accounts/user/?source__exact=%00")
    assert page.status_code == 400
    assert "We couldn’t read that request" in page.content.decode()


def test_form_nul_in_admin_act_refused(admin, alice):
    access = asked(alice)
    response = admin.post(
        f"/admin/dataset_export/accessrequest/{access.pk}/act/refuse/", {"reason": "a\x00b"}
    )
    assert response.status_code == 400
    access.refresh_from_db()
    assert access.state == "open"


def test_form_nul_in_acknowledgement_refused(client, alice):
    published("words", by=person("maker"))
    granted(alice)
    client.force_login(alice)
    response = client.post("/datasets/words/acknowledge", {"revision": "a\x00b"})
    assert response.status_code == 400


def test_path_nul_not_found(client, db):
    assert client.get("/@al%00ice").status_code == 404
    answer = client.get("/api/v1/accounts/%00")
    assert (answer.status_code, answer.json()) == (404, {"error": "There is no such address."})


def test_cookie_nul_ignored(client, alice):
    client.force_login(alice)
    assert client.get("/settings/profile").status_code == 200
    for name in ("sessionid", "csrftoken", "messages", "other"):
        browser = Client(headers={"Cookie": f'{name}="a\\000b"'})
        assert browser.get("/settings/profile").status_code == 302
        assert browser.get("/").status_code == 200


NEXT = [
    "foo",
    "consent:training",
    "./foo",
    "?x",
    "#x",
    "//evil.example",
    "https://evil.example",
    "http://[",
    "\x00",
    "a b",
]


@pytest.mark.parametrize("address", NEXT)
def test_next_other_than_page_of_this_site_ignored(client, alice, address):
    client.force_login(alice)
    assert (
        client.post("/welcome", {"skip": ""}, query_params={"next": address}).headers["Location"]
        == "/"
    )
    answer = client.get("/welcome", {"next": address})
    assert answer.headers["Location"] == reverse("consent:training")
    acts = ("/@bob/unfollow", "/@bob/unblock", "/tags/bread/unfollow", "/notifications/read")
    person("bob")
    for act in acts:
        assert client.post(act, headers={"Referer": address}).status_code == 302, act


@pytest.mark.parametrize("address", ["foo", "https://evil.example", "http://["])
def test_next_of_account_pages_never_an_error(alice, address):
    """Whether the address or the form names it."""
    for path, form in (
        ("/accounts/login/", {"login": "alice", "password": PASSWORD}),
        (
            "/accounts/signup/",
            {"username": "newcomer", "email": "new@example.org", "password1": PASSWORD},
        ),
        ("/accounts/logout/", {}),
        ("/admin/login/", {}),
    ):
        named = f"{path}?{urlencode({'next': address})}"
        for asked_at, sent in ((named, form), (path, {**form, "next": address})):
            browser = Client()
            assert browser.get(asked_at).status_code < 500
            response = browser.post(asked_at, sent)
            assert response.status_code < 500, path
            assert not response.headers.get("Location", "").startswith("http"), path


def test_next_of_welcome_followed(client, alice):
    client.force_login(alice)
    mark_prompted(user=alice)
    assert (
        client.get("/welcome", {"next": "/tags/bread?x=1"}).headers["Location"] == "/tags/bread?x=1"
    )


def test_api_address_of_nothing_not_found_in_json(program):
    for address in ("/api/v1/none", "/api/v1/accounts/x", "/datasets/commonplace/words/none/x"):
        response = program.get(address)
        assert response.status_code == 404, address
        assert response.json() == {"error": "There is nothing at this address that you may see."}
    assert "Page not found" in program.get("/none").content.decode()
