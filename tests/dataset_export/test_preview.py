"""What a yes would share, and what a no has done."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from consent.models import ConsentEvent, Subject
from consent.purposes import Purpose
from consent.services import record_age_attestation, record_post_decisions
from dataset_export.authors.preview_views import preview_export
from dataset_export.eligibility import exportable_posts
from posts.models import Post
from tests.dataset_export.snapshots import published
from tests.factories import grant, post, withdraw

# What an author has decided before, as (choice for the account, choices for posts one to three).
HISTORIES = {
    "nothing": [],
    "granted everything": [("account", "granted", "everything")],
    "granted from now on": [("account", "granted", "from_now")],
    "withdrawn": [("account", "granted", "everything"), ("account", "withdrawn", "from_now")],
    "one post ruled out": [(1, "never", None)],
    "one post granted, account withdrawn": [
        (2, frozenset({"pretraining"}), None),
        ("account", "withdrawn", "from_now"),
    ],
    "one post decided and cleared": [(1, "never", None), (1, "settings", None)],
    "granted, then from now on": [
        ("account", "granted", "everything"),
        ("account", "granted", "from_now"),
    ],
}


def record(author: User, posts: list[Post], history: list[tuple]) -> None:
    for where, choice, covers in history:
        if where != "account":
            record_age_attestation(user=author)
            record_post_decisions(
                user=author, post_ids=[posts[where].pk], choice=choice, source="settings"
            )
        elif choice == "granted":
            grant(author, covers=covers)
        else:
            withdraw(author)


@pytest.mark.parametrize("covers", ["everything", "from_now"])
@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_preview_equals_the_export_after_the_grant(client, alice, bob, history, covers):
    posts = [post(alice, text) for text in ("one", "two", "three")]
    post(alice, "four", visibility="followers")
    post(bob, "five")
    record(alice, posts, history)
    grant(bob)
    posts.append(post(alice, "six"))
    client.force_login(alice)
    shown = client.get(f"/settings/training/pretraining/preview?covers={covers}").context
    grant(alice, covers=covers)
    mine = set(exportable_posts("pretraining").filter(author=alice))
    assert shown["count"] == len(mine)
    assert set(shown["sample"]) == mine


@pytest.mark.parametrize("purpose", Purpose.values)
def test_preview_shows_what_a_grant_would_share(client, alice, purpose):
    mine = post(alice, "one")
    client.force_login(alice)
    shown = client.get(f"/settings/training/{purpose}/preview").context
    assert (shown["count"], shown["sample"]) == (1, [mine])


def test_preview_of_a_suspended_author_shows_nothing(alice):
    post(alice)
    User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now())
    assert preview_export(alice, "pretraining", "everything") == (0, [])


def test_preview_writes_nothing_and_takes_no_lock(client, alice):
    post(alice)
    client.force_login(alice)
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/settings/training/pretraining/preview").status_code == 200
    statements = [query["sql"] for query in queries]
    assert len(statements) > 3
    pattern = re.compile(r"INSERT|UPDATE|DELETE|advisory", re.IGNORECASE)
    assert [sql for sql in statements if pattern.search(sql)] == []
    assert not ConsentEvent.objects.exists()
    assert not Subject.objects.filter(adult_attested_at__isnull=False).exists()
    assert grant(alice).position == 0


def test_from_now_on_shares_nothing_yet(client, alice):
    post(alice)
    client.force_login(alice)
    assert (
        client.get("/settings/training/pretraining/preview?covers=from_now").context["count"] == 0
    )


def test_unknown_purposes_have_no_page(client, alice):
    client.force_login(alice)
    assert client.get("/settings/training/all/preview").status_code == 404
    assert client.get("/settings/training/all/consequences").status_code == 404


def test_a_no_names_the_data_sets_it_reaches(client, alice, bob):
    for someone in (alice, bob):
        post(someone)
        grant(someone)
    published("letters")
    withdraw(alice)
    client.force_login(alice)
    page = client.get("/settings/training/pretraining/consequences").content.decode()
    assert "letters" in page
    assert "1 row of yours" in page
    assert "not served any more" in page
    assert (
        "No dataset here contains your posts"
        in client.get("/settings/training/evaluation/consequences").content.decode()
    )
    assert "letters" in client.get("/settings/consequences").content.decode()


def test_outsiders_see_their_own_only(client, alice, charlie):
    post(alice)
    grant(alice)
    published("letters")
    client.force_login(charlie)
    assert "letters" not in client.get("/settings/consequences").content.decode()
    client.logout()
    assert client.get("/settings/consequences").status_code == 302


def test_nobody_reads_of_a_no_while_the_answer_is_yes(client, alice):
    client.force_login(alice)
    grant(alice)
    assert (
        client.get("/settings/training/pretraining/consequences")["Location"]
        == "/settings/training"
    )
    assert client.get("/settings/consequences")["Location"] == "/settings/training"
    assert client.get("/settings/training/evaluation/consequences").status_code == 200
