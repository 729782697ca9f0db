"""What a yes would share, and what a no has done."""

import pytest

from consent.models import ConsentEvent
from consent.purposes import Purpose
from consent.services import record_post_decisions
from dataset_export.eligibility import exportable_posts
from tests.dataset_export.snapshots import published
from tests.factories import grant, post, withdraw


@pytest.mark.parametrize("purpose", Purpose.values)
def test_the_preview_is_what_the_yes_then_does(client, alice, bob, purpose):
    post(alice, "one")
    post(alice, "two", visibility="followers")
    ruled_out = post(alice, "three")
    record_post_decisions(user=alice, post_ids=[ruled_out.pk], choice="never", source="settings")
    post(bob, "four")
    grant(bob, purpose)
    client.force_login(alice)
    shown = client.get(f"/settings/training/{purpose}/preview").context
    grant(alice, purpose)
    mine = set(exportable_posts(purpose).filter(author=alice))
    assert shown["count"] == len(mine) == 1
    assert set(shown["sample"]) == mine


def test_looking_decides_nothing(client, alice):
    post(alice)
    client.force_login(alice)
    client.get("/settings/training/pretraining/preview")
    assert not ConsentEvent.objects.exists()
    assert not alice.__class__.objects.filter(
        consent_subject__adult_attested_at__isnull=False
    ).exists()
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
        "There are none"
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
