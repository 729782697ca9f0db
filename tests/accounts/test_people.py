"""Names and profiles: ones own only, and whatever people call themselves can be shown."""

import pytest

from accounts.models import User


def test_the_profile_is_ones_own(client, alice, bob):
    client.force_login(alice)
    form = {
        "display_name": "Alice B.",
        "bio": "Bakes.",
        "username": "root",
        "is_staff": "on",
        "id": bob.pk,
    }
    assert client.post("/settings/profile", form)["Location"] == "/@alice"
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.display_name, alice.bio, alice.username, alice.is_staff) == (
        "Alice B.",
        "Bakes.",
        "alice",
        False,
    )
    assert bob.display_name == ""


@pytest.mark.parametrize(
    "form",
    [{"display_name": "x" * 61}, {"bio": "x" * 501}, {"display_name": "a\x00b"}],
    ids=["name", "bio", "NUL"],
)
def test_a_profile_that_does_not_fit_is_refused(client, alice, form):
    client.force_login(alice)
    assert client.post("/settings/profile", form).status_code == 422
    alice.refresh_from_db()
    assert (alice.display_name, alice.bio) == ("", "")


@pytest.mark.parametrize(
    "name", ["", "   ", "\u3000", "\u200b", "🇩🇪", "<b>", "a  b c", "\u202eevil", "\u0301"]
)
def test_any_name_can_be_shown(client, alice, name):
    User.objects.filter(pk=alice.pk).update(display_name=name)
    page = client.get("/@alice")
    assert page.status_code == 200
    assert "<b>" not in page.content.decode()


@pytest.mark.parametrize(
    ("username", "is_allowed"),
    [
        ("bread_1", True),
        ("ALICE", False),
        ("alice\n", False),
        ("a b", False),
        ("a/b", False),
        ("älice", False),
        ("admin", False),
        ("Commonplace", False),
        ("a" * 31, False),
        ("a.b", False),
        ("a@b", False),
        ("", False),
    ],
)
def test_names_at_sign_up(client, alice, username, is_allowed):
    form = {"username": username, "email": "new@example.org", "password1": "correct horse battery"}
    response = client.post("/accounts/signup/", form)
    assert User.objects.exclude(pk=alice.pk).exists() == is_allowed, response.content.decode()[
        :3000
    ]


def test_signing_up_agrees_to_nothing(client, db):
    form = {
        "username": "newcomer",
        "email": "new@example.org",
        "password1": "correct horse battery",
    }
    assert client.post("/accounts/signup/", form).status_code == 302
    page = client.get("/settings/training")
    assert [state.granted for state in page.context["purposes"]] == [False] * 4
    assert page.context["adult"] is False
