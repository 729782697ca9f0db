"""Mail is written down with what it tells of, and handed over by a worker, however the mail server behaves."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPServerDisconnected,
)

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import transaction
from django.utils import timezone

from common import mail
from common.models import OutgoingMail
from common.task_names import TaskName

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def queued(settings, db) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_TRANSPORT = "common.mail.QueuedEmailBackend", LOCMEM


@pytest.fixture
def silent_server(settings) -> Iterator[socket.socket]:
    """A mail server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_TRANSPORT, settings.EMAIL_HOST = SMTP, "127.0.0.1"
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = server.getsockname()[1], 0.2
        yield server


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Iterator[None]:
    def send(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(f"{LOCMEM.removesuffix('.EmailBackend')}.EmailBackend.send_messages", send)
        yield


def queue_one() -> OutgoingMail:
    send_mail("Hello", "The key is 123", None, ["alice@example.org"])
    return OutgoingMail.objects.get()


def test_reset_with_a_silent_mail_server_answers_without_speaking_to_it(
    client, alice, silent_server
):
    response = client.post("/accounts/password/reset/", {"email": alice.email})
    assert response.status_code == 302
    assert client.get("/healthz").status_code == 200
    silent_server.setblocking(False)
    with pytest.raises(BlockingIOError):
        silent_server.accept()
    row = OutgoingMail.objects.get()
    assert row.message["to"] == [alice.email]
    assert "/accounts/password/reset/key/" in row.message["body"]


def test_silent_mail_server_costs_a_worker_its_timeout_and_the_mail_waits(silent_server):
    row = queue_one()
    mail.send_queued(row.pk)
    waiting = OutgoingMail.objects.get()
    assert waiting.attempts == 1
    assert timedelta(seconds=20) < waiting.due_at - timezone.now() <= timedelta(seconds=30)
    assert waiting.message == row.message


def test_mail_is_handed_over_once_and_forgotten():
    row = queue_one()
    for _ in range(2):
        mail.send_queued(row.pk)
    (letter,) = django_mail.outbox
    assert (letter.subject, letter.body, letter.to) == (
        "Hello",
        "The key is 123",
        ["alice@example.org"],
    )
    assert letter.extra_headers["Message-ID"] == row.message["headers"]["Message-ID"]
    assert not OutgoingMail.objects.exists()


def test_message_keeps_alternatives_copies_and_headers():
    sent = EmailMultiAlternatives(
        "A", "text", "me@example.org", ["a@example.org"], bcc=["b@example.org"]
    )
    sent.cc, sent.reply_to, sent.extra_headers = (
        ["c@example.org"],
        ["d@example.org"],
        {"X-Kind": "test"},
    )
    sent.attach_alternative("<p>text</p>", "text/html")
    sent.send()
    mail.send_queued(OutgoingMail.objects.get().pk)
    (letter,) = django_mail.outbox
    assert letter.recipients() == ["a@example.org", "c@example.org", "b@example.org"]
    assert (letter.from_email, letter.reply_to) == ("me@example.org", ["d@example.org"])
    assert [tuple(part) for part in letter.alternatives] == [("<p>text</p>", "text/html")]
    assert letter.extra_headers["X-Kind"] == "test"


def test_mail_of_what_was_rolled_back_is_not_sent():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue_one()
        raise ZeroDivisionError
    assert not OutgoingMail.objects.exists()


def test_mail_with_the_broker_away_waits_for_the_sweep(
    settings, monkeypatch, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True) as sent:
        row = queue_one()
    assert len(sent) == 1
    told = []
    monkeypatch.setattr(mail, "enqueue_task", lambda name, pk: told.append((name, pk)))
    mail.send_waiting()
    assert told == [(TaskName.MAIL_SEND, row.pk)]


def test_mail_in_hand_is_nobody_elses_until_its_worker_must_be_dead():
    row = queue_one()
    assert mail.claim_mail(row.pk)
    assert mail.claim_mail(row.pk) is None
    OutgoingMail.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    again = mail.claim_mail(row.pk)
    assert again
    assert again.attempts == 2


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        ConnectionRefusedError(),
        SMTPServerDisconnected(),
        SMTPAuthenticationError(535, b"no"),
        SMTPDataError(451, b"later"),
        SMTPRecipientsRefused({"alice@example.org": (450, b"later")}),
    ],
    ids=lambda error: f"{type(error).__name__}{getattr(error, 'smtp_code', '')}",
)
def test_mail_that_is_not_taken_now_is_kept(monkeypatch, error):
    row = queue_one()
    with failing(monkeypatch, error):
        mail.send_queued(row.pk)
    assert OutgoingMail.objects.get().due_at > timezone.now()


@pytest.mark.parametrize(
    "error",
    [
        SMTPDataError(554, b"never"),
        SMTPRecipientsRefused({"alice@example.org": (550, b"nobody here")}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_mail_that_is_refused_for_good_is_forgotten(monkeypatch, error):
    row = queue_one()
    with failing(monkeypatch, error):
        mail.send_queued(row.pk)
    assert not OutgoingMail.objects.exists()


def test_pauses_between_attempts_grow_to_an_hour():
    pauses = [mail.pause_after(attempts).total_seconds() for attempts in (1, 2, 3, 7, 8, 200)]
    assert pauses == [30, 60, 120, 1920, 3600, 3600]


def test_mail_that_nobody_took_for_a_day_is_forgotten_unsent():
    row = queue_one()
    OutgoingMail.objects.update(created_at=timezone.now() - mail.MAX_AGE - timedelta(minutes=1))
    mail.send_queued(row.pk)
    assert not OutgoingMail.objects.exists()
    assert django_mail.outbox == []


def test_production_without_a_mail_server_sends_nothing_and_logs_no_key(
    client, alice, settings, caplog, capsys
):
    settings.EMAIL_BACKEND = "common.mail.DisabledEmailBackend"
    answer = client.post("/accounts/password/reset/", {"email": alice.email}, follow=True)
    assert "This site cannot send mail." in answer.content.decode()
    said = caplog.text + "".join(capsys.readouterr())
    assert "mail.not_sent" in said
    assert "EMAIL_URL is not set" in said
    assert "reset/key" not in said
    assert django_mail.outbox == []
