"""What the middleware says of each answer: who may keep it, which other sites may read it, and where it links to."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.services import create_token
from tests.factories import PASSWORD, post

OURS = "https://commonplace.example"


@pytest.fixture
def other_host(settings) -> dict[str, str]:
    """Headers of a request that names a host of the asker's choice."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = OURS
    return {"Host": "evil.example:9999", "X-Forwarded-Host": "evil.example"}


MAILS = {
    "password reset": ("/accounts/password/reset/", {"email": "alice@example.org"}),
    "reset of an unknown account": ("/accounts/password/reset/", {"email": "nobody@example.org"}),
    "confirmation": (
        "/accounts/signup/",
        {"username": "newcomer", "email": "new@example.org", "password1": PASSWORD},
    ),
    "account exists": (
        "/accounts/signup/",
        {"username": "newone", "email": "alice@example.org", "password1": PASSWORD},
    ),
}


@pytest.mark.parametrize("what", MAILS)
def test_mails_link_to_the_site_whatever_host_was_asked_for(
    client, alice, other_host, settings, what
):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    alice.email = "alice@example.org"
    alice.save()
    path, form = MAILS[what]
    assert client.post(path, form, headers=other_host).status_code == 302
    (sent,) = mail.outbox
    message = f"{sent.subject} {sent.body}"
    assert "evil" not in message
    links = re.findall(r"https?://\S+", message)
    assert links
    assert all(link.startswith(f"{OURS}/") for link in links)


def test_links_of_the_api_and_feeds_lead_to_the_site(alice, other_host):
    post(alice, "Bread")
    for path in (
        "/api/v1/timelines/public",
        "/@alice.atom",
        "/@alice",
        "/sitemap.xml",
        "/api/schema",
    ):
        response = Client().get(path, headers=other_host)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert response.status_code == 200
        assert "evil" not in f"{dict(response.items())} {body.decode()}", path
    link = Client().get("/api/v1/timelines/public", headers=other_host)["Link"]
    assert link.startswith(f"<{OURS}/api/v1/timelines/public?max_id=")


PRIVATE_PAGES = [
    "/",
    "/public",
    "/notifications",
    "/compose",
    "/drafts",
    "/settings/profile",
    "/settings/tokens",
    "/@alice",
]


@pytest.mark.parametrize("path", PRIVATE_PAGES)
def test_nobody_keeps_a_page_that_was_made_for_somebody(client, alice, path):
    client.force_login(alice)
    response = client.get(path)
    assert response.status_code == 200
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))


def test_a_page_for_everyone_is_asked_for_again_and_depends_on_the_cookie(client, db):
    response = client.get("/public")
    assert "no-store" not in response["Cache-Control"]
    assert "no-cache" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]


def test_what_a_token_reads_is_kept_by_nobody(client, alice):
    token = create_token(user=alice, name="laptop", scopes=["read"])
    response = client.get("/api/v1/timelines/home", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert "Authorization" in response["Vary"]


@pytest.mark.parametrize("path", ["/robots.txt", "/manifest.webmanifest", "/log/keys"])
def test_what_is_public_by_its_view_stays_so(client, alice, path):
    client.force_login(alice)
    assert "public" in client.get(path)["Cache-Control"]


def test_log_out_clears_what_the_browser_keeps(client, alice):
    client.force_login(alice)
    assert "Clear-Site-Data" not in client.get("/")
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'


SHARED = [
    "/api/v1/timelines/public",
    "/api/v1/timelines/home",
    "/api/v1/statuses/1",
    "/api/v1/signing-key",
    "/api/v1/nowhere",
    "/api/datasets/commonplace/nothing",
    "/log/checkpoint",
    "/log/keys",
    "/log/tile/0/000",
    "/log/tile/entries/000.p/1",
    "/log/commonplace_verify.py",
    "/.well-known/tdmrep.json",
    "/oembed",
]


@pytest.mark.parametrize("path", SHARED)
def test_pages_elsewhere_may_read_what_is_public_to_programs(client, db, path):
    response = client.get(path, headers={"Origin": "https://reader.example"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response
    exposed = response["Access-Control-Expose-Headers"].split(", ")
    assert {"Link", "ETag", "Content-Range", "X-RateLimit-Remaining", "Retry-After"} <= set(exposed)


@pytest.mark.parametrize(
    "path", ["/api/v1/consent/decisions", "/api/v1/timelines/home", "/log/checkpoint"]
)
def test_a_browser_that_asks_beforehand_is_told_what_it_may_send(client, path):
    """Without access to the database in this test, a query would fail it."""
    asked = {
        "Origin": "https://reader.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
    }
    response = client.options(path, headers=asked)
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response["Access-Control-Allow-Methods"]
    allowed = set(response["Access-Control-Allow-Headers"].lower().split(", "))
    assert {"authorization", "content-type", "idempotency-key", "range", "if-none-match"} <= allowed


@pytest.mark.parametrize("path", ["/", "/@alice", "/accounts/login/", "/log/", "/datasets/"])
def test_pages_are_shared_with_no_other_site(client, alice, path):
    assert "Access-Control-Allow-Origin" not in client.get(
        path, headers={"Origin": "https://reader.example"}
    )
