"""What a new password ends, what asks for the password again, and who is told."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AccessToken, User
from accounts.services import create_token
from tests.factories import PASSWORD, person

NEW = "a quite different phrase"


@pytest.fixture
def member(alice) -> User:
    EmailAddress.objects.create(user=alice, email="alice@example.org", primary=True, verified=True)
    return alice


@pytest.fixture
def token(member) -> str:
    return create_token(user=member, name="diary", scopes=["consent", "read"])


@pytest.fixture
def browser(member, client) -> Client:
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    return client


def works(token: str) -> bool:
    status = (
        Client().get("/api/v1/consent/", headers={"Authorization": f"Bearer {token}"}).status_code
    )
    assert status in (200, 401)
    return status == 200


def change_password(client: Client):
    return client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )


def by_mail(member: User) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    form_page = client.get(link[link.index("/accounts/") :])
    done = client.post(form_page["Location"], {"password1": NEW, "password2": NEW}, follow=True)
    assert "all access tokens revoked" in done.content.decode()


def in_the_admin(member: User) -> None:
    client = Client()
    client.force_login(person("root", is_staff=True, is_superuser=True))
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert client.post(f"/admin/accounts/user/{member.pk}/password/", form).status_code == 302


def in_the_shell(member: User) -> None:
    member.set_password(NEW)
    member.save()


@pytest.mark.parametrize("way", [by_mail, in_the_admin, in_the_shell])
def test_a_password_that_is_reset_ends_sessions_and_tokens(browser, member, token, way):
    assert works(token)
    way(member)
    assert not works(token)
    assert browser.get("/settings/tokens").status_code == 302
    assert Client().login(username="alice", password=NEW)


def test_a_change_keeps_tokens_names_them_and_offers_to_revoke_all(browser, token):
    response = change_password(browser)
    page = browser.get(response["Location"]).content.decode()
    assert "Your password was changed" in page
    assert "diary" in page
    assert works(token)
    browser.post("/settings/tokens/revoke")
    assert not works(token)


def test_a_change_brings_no_token_back_that_a_reset_ended(browser, member, token):
    in_the_shell(member)
    member.set_password(PASSWORD)
    member.save()
    client = Client()
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert change_password(client)["Location"] == "/accounts/password/change/"
    assert not works(token)


def test_a_hash_that_is_brought_up_to_date_at_log_in_ends_nothing(member, token, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    before = User.objects.get(pk=member.pk).password
    response = Client().post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert response.status_code == 302
    assert User.objects.get(pk=member.pk).password != before
    assert works(token)


def test_a_token_ends_at_its_time(member, token):
    kept = AccessToken.objects.get()
    assert timedelta(364) < kept.expires_at - timezone.now() <= timedelta(365)
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not works(token)


def test_a_session_alone_makes_no_token(browser):
    asked = browser.post("/settings/tokens", {"name": "diary", "scopes": ["consent"], "days": "30"})
    assert asked.status_code == 302
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert not AccessToken.objects.exists()
    wrong = browser.post(asked["Location"], {"password": "wrong", "next": "/settings/tokens"})
    assert "Incorrect password" in wrong.content.decode()
    assert not AccessToken.objects.exists()
    made = browser.post(asked["Location"], {"password": PASSWORD, "next": "/settings/tokens"})
    assert "Your new token" in made.content.decode()
    kept = AccessToken.objects.get()
    assert (kept.name, kept.scopes) == ("diary", ["consent"])
    assert timedelta(29) < kept.expires_at - timezone.now() <= timedelta(30)
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]
    assert "diary" in mail.outbox[0].body


def test_a_session_alone_adds_no_address(browser):
    form = {"email": "other@example.org", "action_add": ""}
    asked = browser.post("/accounts/email/", form)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert EmailAddress.objects.count() == 1
    browser.post(asked["Location"], {"password": PASSWORD, "next": "/accounts/email/"})
    assert EmailAddress.objects.count() == 2
    told = [message for message in mail.outbox if message.to == ["alice@example.org"]]
    assert "other@example.org was added" in told[0].body


def test_the_address_of_an_account_is_told_of_a_new_password(browser):
    change_password(browser)
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]
    assert "Your password has been changed" in mail.outbox[0].body


def test_an_account_without_a_confirmed_address_is_told_at_the_one_it_has(alice, client):
    client.force_login(alice)
    change_password(client)
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]


def test_commands_of_django_end_tokens_too(member, token, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW)
    call_command("changepassword", "alice", verbosity=0)
    assert not works(token)
