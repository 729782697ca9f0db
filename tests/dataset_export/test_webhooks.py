"""Programs hear of removals: signed, again and again until they answer, and never at an address inside."""

import base64
import hmac
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import orjson
import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import User
from common import http_client
from common.http_client import DeliveryError, is_public_ip, post
from dataset_export.models import RemovalAnnouncement, Snapshot, Webhook, WebhookMessage
from dataset_export.removals.views import WebhookForm
from dataset_export.removals.webhooks import (
    MAX_FAILURES,
    RETRY_DELAYS,
    send_message,
    send_messages,
    set_webhook,
)
from tests.dataset_export.grants import granted
from tests.dataset_export.test_access_admin import browser_of
from tests.factories import person, snapshot

PAGE = "/datasets/words/webhook"


class Ear(HTTPServer):
    """A server on this machine that notes what it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.heard: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?from=commonplace"


class Handler(BaseHTTPRequestHandler):
    server: Ear

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def ear(settings) -> Iterator[Ear]:
    settings.ALLOW_LOOPBACK_REQUESTS = True
    server = Ear()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def reader(db) -> User:
    reader = person("reader")
    granted(reader)
    return reader


@pytest.fixture
def words(reader) -> Snapshot:
    """A dataset that has a revision, as far as a webhook is concerned."""
    return snapshot("words")


@pytest.fixture
def message(ear, words, reader) -> WebhookMessage:
    change = RemovalAnnouncement.objects.create(snapshot=words, revision=1, rows=3)
    webhook = set_webhook(user=reader, dataset="words", url=ear.url)
    return WebhookMessage.objects.create(webhook=webhook, announcement=change)


def due_again() -> None:
    WebhookMessage.objects.filter(next_at__isnull=False).update(next_at=timezone.now())


def test_a_message_is_signed_and_sent_once(message, ear):
    send_messages()
    send_messages()
    ((path, headers, body),) = ear.heard
    assert path == "/hook?from=commonplace"
    content = orjson.loads(body)
    assert content["type"] == "dataset.rows_removed"
    assert content["data"]["feed"].endswith("/api/v1/datasets/words/removals")
    assert {name: content["data"][name] for name in ("name", "revision", "removed")} == {
        "name": "words",
        "revision": "v1.1",
        "removed": 3,
    }
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    signed = b".".join(
        [headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body]
    )
    secret = base64.b64decode(message.webhook.secret_text.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    message.refresh_from_db()
    assert message.delivered_at is not None


def test_a_withdrawn_data_set_is_called_so(message, ear):
    RemovalAnnouncement.objects.update(is_withdrawal=True, rows=None)
    send_messages()
    content = orjson.loads(ear.heard[0][2])
    assert (content["type"], content["data"]["removed"]) == ("dataset.withdrawn", None)


@pytest.mark.parametrize("status", [301, 307, 400, 410, 500])
def test_what_is_no_yes_is_tried_again_and_no_redirect_is_followed(message, ear, status):
    ear.status = status
    send_messages()
    send_messages()
    assert [path for path, _, _ in ear.heard] == ["/hook?from=commonplace"]
    webhook = Webhook.objects.get()
    assert (webhook.failures, webhook.error) == (1, f"The response status was {status}.")


def test_pauses_grow_and_then_it_ends(message, ear):
    ear.status = 500
    pauses = []
    for _ in range(9):
        before = timezone.now()
        send_messages()
        message.refresh_from_db()
        if message.next_at is None:
            break
        pauses.append(round((message.next_at - before).total_seconds() / 60))
        due_again()
    assert pauses == [1, 5, 30, 120, 720]
    assert len({headers["webhook-id"] for _, headers, _ in ear.heard}) == 1
    assert len(ear.heard) == message.attempts == len(RETRY_DELAYS) + 1


def test_a_yes_after_failures_counts_anew(message, ear):
    ear.status = 500
    send_messages()
    ear.status = 204
    due_again()
    send_messages()
    webhook = Webhook.objects.get()
    assert (webhook.failures, webhook.error) == (0, "")
    assert len(ear.heard) == 2


def test_too_many_failures_switch_it_off_until_it_is_saved_again(message, ear, reader):
    Webhook.objects.update(failures=MAX_FAILURES - 1)
    ear.status = 500
    send_messages()
    due_again()
    send_messages()
    assert len(ear.heard) == 1
    assert Webhook.objects.get().disabled_at is not None
    set_webhook(user=reader, dataset="words", url=ear.url)
    ear.status = 200
    send_messages()
    assert len(ear.heard) == 2


def test_a_message_that_another_worker_has_is_left_to_it(message, ear, monkeypatch):
    """Two workers read the same list; the one that is second finds the attempt counted."""
    WebhookMessage.objects.filter(pk=message.pk).update(
        attempts=F("attempts"), next_at=timezone.now() - timedelta(1)
    )
    inner = []

    def meanwhile(url: str, body: bytes, headers: dict[str, str]) -> int:
        inner.append(url)
        send_messages()
        return 200

    monkeypatch.setattr("dataset_export.removals.webhooks.post", meanwhile)
    send_messages()
    assert len(inner) == 1


# Where it may not go


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
        ),
        *(
            "100.64.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
        ),
        *(
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fe80::1%1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
        ),
        *(
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "::8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
        ),
        *(
            "2002:7f00:1::",
            "2002:808:808::",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "100::1",
            "fec0::1",
            "5f00::1",
        ),
    ],
)
def test_addresses_that_are_not_public(address):
    assert not is_public_ip(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001:81b::200e"]
)
def test_addresses_that_are(address):
    assert is_public_ip(address)


@pytest.fixture
def resolved(monkeypatch) -> list[list[str]]:
    """Answers of a name server, one a question; and nobody may connect."""
    answers: list[list[str]] = []

    def lookup(host: str, port: int, **kwargs: object) -> list[tuple]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in answers.pop(0)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return answers


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["::ffff:10.0.0.1"],
        ["1.1.1.1", "127.0.0.1"],
        ["169.254.169.254", "1.1.1.1"],
        [],
    ],
)
def test_a_host_with_any_address_inside_is_refused(resolved, monkeypatch, answer):
    resolved.append(answer)
    monkeypatch.setattr(socket, "create_connection", pytest.fail)
    with pytest.raises(DeliveryError, match="no public address"):
        post("https://rebound.example/hook", b"{}", {})


def test_the_address_that_was_checked_is_the_one_that_is_spoken_to(resolved, monkeypatch):
    """A second question to the name server would get another answer."""
    resolved.extend([["1.1.1.1"], ["127.0.0.1"]])
    asked = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append((address, timeout))
        raise OSError("enough")

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(DeliveryError):
        post("https://rebound.example/hook", b"{}", {})
    assert asked == [(("1.1.1.1", 443), http_client.CONNECT_SECONDS)]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://1.1.1.1/",
            "ftp://1.1.1.1/",
            "file:///etc/passwd",
            "gopher://1.1.1.1/",
            "https://",
            "//1.1.1.1/",
            "",
        ),
        *(
            "https://user:word@1.1.1.1/",
            "https://1.1.1.1:99999/",
            "https://1.1.1.1:x/",
            "https://[::1]/",
            "https://[x/",
        ),
        *(
            "https://127.0.0.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://127.1/",
            "https://localhost/",
        ),
    ],
)
def test_other_addresses_are_refused_before_anybody_is_connected(url, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", pytest.fail)
    with pytest.raises(DeliveryError):
        post(url, b"{}", {})


def test_this_machine_is_refused_where_settings_do_not_let_it(ear, settings):
    settings.ALLOW_LOOPBACK_REQUESTS = False
    with pytest.raises(DeliveryError, match="no public address"):
        post(ear.url, b"{}", {})
    assert ear.heard == []


def test_plain_http_to_a_public_address_is_refused_in_tests_too(ear, resolved):
    resolved.append(["1.1.1.1"])
    with pytest.raises(DeliveryError, match="no public address"):
        post("http://example.org/", b"{}", {})


def test_https_wants_a_certificate(ear):
    with pytest.raises(DeliveryError):
        post(ear.url.replace("http:", "https:"), b"{}", {})


def test_who_answers_a_byte_at_a_time_is_hung_up_on(settings, monkeypatch):
    settings.ALLOW_LOOPBACK_REQUESTS = True
    monkeypatch.setattr(http_client, "TOTAL_TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as slow:
        thread = threading.Thread(target=drip, args=[slow])
        thread.start()
        begun = time.monotonic()
        with pytest.raises(DeliveryError):
            post(f"http://127.0.0.1:{slow.getsockname()[1]}/", b"{}", {})
        assert time.monotonic() - begun < 2
        thread.join()


def drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        try:
            for _ in range(100):
                connection.sendall(b"H")
                time.sleep(0.05)
        except OSError:
            return


def test_an_endless_answer_is_not_read(settings):
    settings.ALLOW_LOOPBACK_REQUESTS = True
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=flood, args=[server])
        thread.start()
        assert post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}) == 200
        thread.join(5)
        assert not thread.is_alive()


def flood(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(b"x" * 65536)
        except OSError:
            return


# Its page


@pytest.fixture
def known(monkeypatch) -> None:
    monkeypatch.setattr("dataset_export.removals.views.newest_revision", lambda name: "v1.0")


def test_the_page_shows_a_secret_once(known, words, reader):
    browser = browser_of(reader)
    page = browser.post(PAGE, {"url": "https://example.org/hook"})
    secret = Webhook.objects.get().secret_text
    assert secret in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    later = browser.get(PAGE).content.decode()
    assert "https://example.org/hook" in later
    assert secret not in later
    browser.post(PAGE, {"url": "https://example.org/hook"})
    assert Webhook.objects.get().secret_text != secret
    browser.post(PAGE, {"act": "remove"})
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "http://example.org/",
            "javascript:alert(1)",
            "https://",
            "https://exa mple.org/",
            "https://u:p@example.org/",
        ),
        *(
            "https://example.org/é",
            "https://bücher.example/",
            "https://example.org/" + "x" * 500,
            "https://a\nb.org",
        ),
    ],
)
def test_the_page_takes_addresses_only(known, words, reader, url):
    assert browser_of(reader).post(PAGE, {"url": url}).status_code == 422
    assert not Webhook.objects.exists()


NOT_PUBLIC = "This host’s address is not public."
NO_PORT = "Remove the port: messages are sent to port 443 only."


@pytest.mark.parametrize(
    ("url", "said"),
    [
        *(
            (f"https://{host}/hook", NOT_PUBLIC)
            for host in ("localhost", "LOCALHOST", "a.localhost", "127.0.0.1")
        ),
        *(
            (f"https://{host}/hook", NOT_PUBLIC)
            for host in ("10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0")
        ),
        *(
            (f"https://{host}/hook", NOT_PUBLIC)
            for host in ("[::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "100.64.0.1")
        ),
        *((f"https://example.org:{port}/hook", NO_PORT) for port in (22, 80, 8443, 65535)),
        ("https://example.org:99999/hook", "This isn’t a valid webhook URL."),
        ("https://localhost:443/", NOT_PUBLIC),
    ],
)
def test_webhook_form_address_never_sent_to_refused_with_reason(url, said):
    form = WebhookForm({"url": url})
    assert form.errors == {"url": [said]}


@pytest.mark.parametrize(
    "url", ["https://example.org:443/hook", "https://1.1.1.1/", "https://[2606:4700::1111]/"]
)
def test_webhook_form_public_address_taken(url):
    assert WebhookForm({"url": url}).is_valid()


def test_webhook_form_loopback_taken_where_settings_let_us_speak_to_it(settings):
    settings.ALLOW_LOOPBACK_REQUESTS = True
    assert WebhookForm({"url": "https://localhost:8443/hook"}).is_valid()
    assert not WebhookForm({"url": "https://10.0.0.1/hook"}).is_valid()


def test_webhook_at_another_port_than_that_of_https_sent_nothing(resolved, monkeypatch):
    resolved.append(["1.1.1.1"])
    monkeypatch.setattr(socket, "create_connection", pytest.fail)
    with pytest.raises(DeliveryError, match="not at this port"):
        post("https://example.org:22/", b"{}", {})


def test_the_page_is_for_those_who_may_have_the_data_set(words, reader, charlie, monkeypatch):
    assert browser_of(reader).get(PAGE).status_code == 404
    monkeypatch.setattr("dataset_export.removals.views.newest_revision", lambda name: "v1.0")
    assert browser_of(charlie).get(PAGE).status_code == 403
    assert browser_of(charlie).post(PAGE, {"url": "https://example.org/"}).status_code == 403
    assert Client().get(PAGE).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(reader)
    assert strict.post(PAGE, {"url": "https://example.org/"}).status_code == 403
    assert not Webhook.objects.exists()


def test_the_page_says_what_went_wrong(known, words, reader):
    set_webhook(user=reader, dataset="words", url="https://example.org/hook")
    Webhook.objects.update(
        failures=MAX_FAILURES, error="The response status was 500.", disabled_at=timezone.now()
    )
    assert "Switched off" in browser_of(reader).get(PAGE).content.decode()


def test_nobody_sees_the_webhook_of_another(known, words, reader, bob):
    granted(bob)
    set_webhook(user=reader, dataset="words", url="https://example.org/hook")
    assert "example.org/hook" not in browser_of(bob).get(PAGE).content.decode()


def test_a_message_of_a_webhook_that_was_removed_meanwhile_is_passed_over(message, ear):
    pk = message.pk
    message.webhook.delete()
    send_message(pk)
    assert ear.heard == []
