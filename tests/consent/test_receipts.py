"""A receipt proves one decision to somebody who trusts nobody here, and only its owner can fetch it."""

import base64
import json
from hashlib import sha256

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consent.models import Checkpoint, ConsentEvent
from consent.receipts import PREFIX, build_receipt, canonical_json
from consent.transparency_log.checkpoints import sign_checkpoint
from consent.transparency_log.keys import signing_key
from tests.consent.ledger import fill
from tests.factories import grant, post, say, withdraw

PAGES = ["receipt", "receipt_json"]


def event_at(position: int) -> ConsentEvent:
    return ConsentEvent.objects.select_related("notice").get(position=position)


def test_a_receipt_says_what_was_decided_in_the_words_of_the_dpv(alice):
    event = event_at(grant(alice, "evaluation").position)
    receipt = build_receipt(event, "alice")
    record = receipt["dpv:hasRecordOfActivity"]
    assert receipt["@type"] == "dpv:ConsentReceipt"
    assert receipt["dct:conformsTo"] == "https://w3id.org/dpv/schema/dpv-27560#receipt"
    assert record["@type"] == "dpv:ConsentRecord"
    assert record["dpv:hasDataSubject"]["@id"] == f"urn:uuid:{event.subject}"
    assert record["dpv:hasDataSubject"]["schema:name"] == "alice"
    assert record["dpv:hasProcess"]["dpv:hasPurpose"]["@id"].endswith("#evaluation")
    assert record["dpv:hasConsentStatus"]["@type"][0] == "dpv:ConsentGiven"
    assert record["dpv:hasNotice"]["schema:text"] == event.notice.text
    assert record["dpv:hasNotice"]["noticeSha256"] == sha256(event.notice.text.encode()).hexdigest()


def test_every_prefix_and_own_word_is_explained_in_the_context(alice):
    receipt = build_receipt(event_at(grant(alice).position))
    known = set(receipt["@context"])

    def names(value):
        if isinstance(value, dict):
            for name, inner in value.items():
                yield name
                yield from () if name in ("event", "@context") else names(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from names(inner)

    words = {name for name in names(receipt) if not name.startswith("@")}
    assert {
        word for word in words if word not in known and word.partition(":")[0] not in known
    } == set()


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        ("granted", "ConsentGiven"),
        ("withdrawn", "ConsentWithdrawn"),
        ("cleared", "ConsentWithdrawn"),
    ],
)
def test_decisions_about_a_post(alice, decision, status):
    written = post(alice)
    grant(alice, post_id=written.pk)
    event = event_at(
        say(alice, decision, "pretraining", post_id=written.pk, covers="everything").position
    )
    record = build_receipt(event)["dpv:hasRecordOfActivity"]
    assert record["dpv:hasConsentStatus"]["@type"][0] == f"dpv:{status}"
    assert str(written.pk) in record["dpv:hasProcess"]["dpv:hasPersonalData"]["dct:description"]


def test_the_hashes_lead_from_the_event_to_the_leaf(alice):
    event = event_at(grant(alice).position)
    receipt = build_receipt(event)
    logged = json.dumps(receipt["event"], sort_keys=True, separators=(",", ":")).encode()
    entry = sha256(bytes.fromhex(receipt["salt"]) + logged).digest()
    assert entry.hex() == receipt["entry"]
    assert (
        sha256(b"\x00" + entry).hexdigest() == receipt["leafHash"] == bytes(event.leaf_hash).hex()
    )


def test_a_receipt_is_signed_over_all_the_rest(alice):
    receipt = build_receipt(event_at(grant(alice).position))
    signature = base64.b64decode(receipt.pop("signature"))
    assert signing_key().verifier.verifies(signature, PREFIX + canonical_json(receipt))
    receipt["position"] += 1
    assert not signing_key().verifier.verifies(signature, PREFIX + canonical_json(receipt))


def test_a_receipt_asked_for_at_once_gets_a_checkpoint_first(alice):
    event = event_at(grant(alice).position)
    assert not Checkpoint.objects.exists()
    proof = build_receipt(event)["proof"]
    assert proof.endswith(Checkpoint.objects.get().note)
    assert proof.startswith("c2sp.org/tlog-proof@v1\nindex 0\n\n")


def test_the_list_shows_ones_own_decisions_newest_first(client, alice, bob):
    for position in range(3):
        (grant if position % 2 == 0 else withdraw)(alice)
    grant(bob)
    client.force_login(alice)
    page = client.get(reverse("consent:receipts"))
    assert [event.position for event in page.context["page"].items] == [2, 1, 0]
    assert page["Cache-Control"].startswith("max-age=0")


def test_the_list_is_cut_into_pages(client, alice):
    fill(alice, 45)
    client.force_login(alice)
    seen, address = [], reverse("consent:receipts")
    while address:
        page = client.get(address).context["page"]
        seen += [event.position for event in page.items]
        address = page.next_url
    assert seen == list(range(44, -1, -1))


def test_a_long_list_costs_as_many_queries_as_a_short_one(client, alice):
    client.force_login(alice)
    counts = []
    for total in (1, 20):
        fill(alice, total)
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(reverse("consent:receipts")).context["page"].items) == total
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nothing_decided_yet(client, alice):
    client.force_login(alice)
    assert b"No decisions yet" in client.get(reverse("consent:receipts")).content
    assert b"".join(client.get(reverse("consent:receipts_export"))) == b""


@pytest.mark.parametrize("name", PAGES)
def test_one_receipt(client, alice, name):
    event = grant(alice)
    client.force_login(alice)
    response = client.get(reverse(f"consent:{name}", args=[event.position]))
    assert response.status_code == 200
    assert str(event.subject) in response.content.decode()


def test_the_download_names_the_person_and_the_file(client, alice):
    event = grant(alice)
    client.force_login(alice)
    response = client.get(reverse("consent:receipt_json", args=[event.position]))
    assert response["Content-Disposition"] == 'attachment; filename="receipt-0.json"'
    assert (
        response.json()["dpv:hasRecordOfActivity"]["dpv:hasDataSubject"]["schema:name"] == "alice"
    )


def test_all_receipts_are_one_to_a_line(client, alice, bob):
    fill(alice, 230)
    grant(bob)
    client.force_login(alice)
    body = b"".join(client.get(reverse("consent:receipts_export"))).decode()
    assert [json.loads(line)["position"] for line in body.splitlines()] == list(range(229, -1, -1))


def test_all_receipts_cost_a_query_for_hundreds(client, alice, django_assert_max_num_queries):
    fill(alice, 400)
    sign_checkpoint()
    client.force_login(alice)
    with django_assert_max_num_queries(14):
        assert len(b"".join(client.get(reverse("consent:receipts_export"))).splitlines()) == 400


@pytest.mark.parametrize("name", PAGES)
def test_an_outsider_finds_nothing(client, alice, charlie, name):
    event = grant(alice)
    grant(charlie)
    address = reverse(f"consent:{name}", args=[event.position])
    client.force_login(charlie)
    assert client.get(address).status_code == 404
    assert client.get(reverse(f"consent:{name}", args=[2**70])).status_code == 404


@pytest.mark.parametrize("name", ["receipts", "receipts_export", *PAGES])
def test_somebody_who_is_not_signed_in_is_asked_to(client, alice, name):
    event = grant(alice)
    address = reverse(f"consent:{name}", args=[event.position] if name in PAGES else [])
    assert client.get(address).headers["Location"].startswith(reverse("account_login"))


def test_with_the_account_goes_the_way_to_its_receipts(client, alice, bob):
    event = grant(alice)
    alice.consent_subject.delete()
    client.force_login(alice)
    assert client.get(reverse("consent:receipt", args=[event.position])).status_code == 404
