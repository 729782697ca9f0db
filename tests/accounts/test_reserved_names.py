"""Which names nobody can sign up with."""

import pytest
from django.core.exceptions import ValidationError

from accounts.adapter import AccountAdapter
from accounts.reserved_names import RESERVED, is_reserved
from tests.addresses import all_patterns

OWN = [
    *(
        "login",
        "moderators",
        "support_team",
        "staff",
        "admin_",
        "_admin",
        "ADMIN",
        "Ad_Min",
        "l0gin",
        "adm1n",
        "r00t",
    ),
    *(
        "support1",
        "admin2026",
        "security",
        "help_desk",
        "no_reply",
        "official",
        "the_moderators",
        "commonplace_team",
    ),
    *(
        "CommonPlace",
        "c0mmonplace",
        "trust_and_safety",
        "settings",
        "api",
        "datasets",
        "moderator",
        "abuse",
        "postmaster",
    ),
    *(
        "admin_team",
        "staff_account",
        "official_support",
        "about",
        "privacy",
        "system",
        "verified",
        "webmaster",
    ),
]
OTHERS = [
    *(
        "alice",
        "bob",
        "reader",
        "brick_smith",
        "mod_erato",
        "admiral",
        "rooted",
        "staffan",
        "place",
        "helen",
        "supporting",
    ),
    *(
        "demo_ana",
        "quick_otter_12",
        "person1",
        "tagger",
        "postman",
        "newman",
        "hubert",
        "loginov",
        "ana",
        "pressly",
    ),
]


@pytest.mark.parametrize("name", OWN)
def test_names_that_look_like_the_site_are_reserved(name):
    assert is_reserved(name)


@pytest.mark.parametrize("name", OTHERS)
def test_names_of_people_are_free(name):
    assert not is_reserved(name)


def test_every_first_part_of_an_address_is_reserved():
    firsts = {pattern.strip("^/").partition("/")[0] for _, pattern in all_patterns()}
    plain = {
        first.partition(".")[0].replace("-", "").replace("_", "")
        for first in firsts
        if first.isascii()
    }
    words = {word for word in plain if word.isalpha()}
    assert {"compose", "settings", "log", "datasets"} <= words
    assert {word for word in words if not is_reserved(word)} == set()


@pytest.mark.django_db
def test_sign_up_refuses_a_reserved_name_and_says_so(client):
    form = {
        "username": "support_team",
        "email": "new@example.org",
        "password1": "correct horse battery",
    }
    page = client.post("/accounts/signup/", form)
    assert page.status_code == 200
    assert "This name is reserved" in page.content.decode()


def test_names_that_are_made_up_are_held_to_the_same():
    with pytest.raises(ValidationError):
        AccountAdapter().clean_username("login", shallow=True)
    assert RESERVED


@pytest.mark.django_db
def test_sign_up_says_the_same_whether_an_address_is_known(client, alice):
    answers = []
    for number, email in enumerate(["alice@example.org", "unknown@example.org"]):
        form = {
            "username": f"newcomer{number}",
            "email": email,
            "password1": "correct horse battery",
        }
        response = client.post("/accounts/signup/", form)
        answers.append((response.status_code, response["Location"]))
        client.logout()
    assert answers[0] == answers[1]
