"""Receipts of decisions: ISO/IEC TS 27560 consent receipts in JSON-LD with W3C DPV terms.

Signed is `PREFIX` followed by the canonical JSON without the member "signature": keys sorted by
code point, no spaces, UTF-8, integers only. This is RFC 8785, except that integers beyond 2 ** 53
(post ids) are written in full.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from consent.models import Checkpoint, ConsentEvent
from consent.purposes import Purpose
from consent.transparency_log.checkpoints import sign_checkpoint, signed_inclusion_proof
from consent.transparency_log.keys import get_verifier, origin, signing_key
from consent.transparency_log.merkle import Subtree
from consent.transparency_log.notes import base64_text
from consent.transparency_log.tiles import database_subtree

PREFIX = b"commonplace-receipt/1\n"
SCHEMA = "https://w3id.org/dpv/schema/dpv-27560"
RECEIPT_BATCH_SIZE = 200
Json = dict[str, Any]

STATUS: dict[str, str] = {
    ConsentEvent.Decision.GRANTED: "dpv:ConsentGiven",
    ConsentEvent.Decision.WITHDRAWN: "dpv:ConsentWithdrawn",
    ConsentEvent.Decision.CLEARED: "dpv:ConsentWithdrawn",
}
METHOD: dict[str, str] = {
    ConsentEvent.Source.SETTINGS: "pressed a button in the settings",
    ConsentEvent.Source.COMPOSER: "chose it while writing the post",
    ConsentEvent.Source.SIGN_UP: "answered when signing up",
    ConsentEvent.Source.API: "asked an app to say so",
    ConsentEvent.Source.IMPORT: "said so before the import",
}


def build_receipt(event: ConsentEvent, person_name: str = "") -> Json:
    """Return the signed receipt of a decision, signing a checkpoint first if none covers it."""
    return signed_receipt(
        event, person_name, checkpoint_covering(event.position), database_subtree()
    )


def build_receipts(events: QuerySet[ConsentEvent], person_name: str = "") -> Iterator[Json]:
    """Yield the receipts of many decisions, newest first, in batches."""
    newest = events.order_by("-position").first()
    if newest is None:
        return
    checkpoint, tree = checkpoint_covering(newest.position), database_subtree()
    below = newest.position + 1
    while batch := list(
        events.filter(position__lt=below).order_by("-position")[:RECEIPT_BATCH_SIZE]
    ):
        yield from (signed_receipt(event, person_name, checkpoint, tree) for event in batch)
        below = batch[-1].position


def checkpoint_covering(position: int) -> Checkpoint:
    """Return the newest checkpoint of the current key if it covers this position, else sign one."""
    key = signing_key().verifier
    ours = Checkpoint.objects.filter(
        key__name=key.name, key__public_key=key.public_key, size__gt=position
    )
    return ours.select_related("key").order_by("-size").first() or sign_checkpoint()


def signed_receipt(
    event: ConsentEvent, person_name: str, checkpoint: Checkpoint, tree: Subtree
) -> Json:
    receipt = {
        "@context": context(),
        "@id": absolute_site_url("consent:receipt", event.position),
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": f"{SCHEMA}#receipt",
        "dct:identifier": f"{origin()}/{event.position}",
        "dct:created": checkpoint.signed_at.isoformat(timespec="seconds"),
        "dct:publisher": controller(),
        "schema:recipient": {"@id": "dpv:DataSubject"},
        "dpv:hasRecordOfActivity": _record(event, person_name),
        "position": event.position,
        "event": json.loads(event.as_json()),
        "salt": bytes(event.salt).hex(),
        "entry": event.entry().hex(),
        "leafHash": bytes(event.leaf_hash).hex(),
        "proof": signed_inclusion_proof(event.position, checkpoint, tree),
        "key": str(get_verifier(checkpoint.key)),
    }
    return {
        **receipt,
        "signature": base64_text(signing_key().sign(PREFIX + canonical_json(receipt))),
    }


def canonical_json(content: Json) -> bytes:
    """Return the bytes that are signed."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def context() -> Json:
    """Return the JSON-LD context; names without a prefix are explained in docs/verify.md."""
    own = [
        "position",
        "salt",
        "entry",
        "leafHash",
        "proof",
        "key",
        "signature",
        "noticeSha256",
        "covers",
    ]
    moments = ["dct:created", "dct:issued", "dpv:isIndicatedAtTime"]
    return {
        "dct": "http://purl.org/dc/terms/",
        "dpv": "https://w3id.org/dpv#",
        "log": f"{settings.SITE_URL}{reverse('consent:log')}#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "schema": "https://schema.org/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "event": {"@id": "log:event", "@type": "@json"},
        **{name: f"log:{name}" for name in own},
        **{name: {"@type": "xsd:dateTime"} for name in moments},
    }


def _record(event: ConsentEvent, person_name: str) -> Json:
    """Describe the decision in DPV terms."""
    return {
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": f"{SCHEMA}#record",
        "dct:identifier": f"{origin()}/{event.position}",
        "dpv:hasDataSubject": data_subject(event, person_name),
        "dpv:hasDataController": controller(),
        "dpv:hasLegalBasis": {"@id": "dpv:ExplicitlyExpressedConsent"},
        "dpv:hasProcess": processing_record(event),
        "dpv:hasNotice": {
            "@type": "dpv:ConsentNotice",
            "dct:identifier": str(event.notice),
            "dct:language": event.notice.language,
            "dct:issued": event.notice.published_at.isoformat(timespec="seconds"),
            "schema:text": event.notice.text,
            "noticeSha256": bytes(event.notice.text_sha256).hex(),
        },
        "dpv:hasConsentStatus": status(event),
        "dpv:hasConsentControl": {
            "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
            "dpv:isExercisedAt": {"@id": absolute_site_url("consent:training")},
        },
    }


def data_subject(event: ConsentEvent, person_name: str) -> Json:
    subject = {"@id": f"urn:uuid:{event.subject}", "@type": "dpv:DataSubject"}
    return {**subject, "schema:name": person_name} if person_name else subject


def controller() -> Json:
    return {
        "@id": f"{settings.SITE_URL}/",
        "@type": "dpv:DataController",
        "schema:name": "Commonplace",
    }


def processing_record(event: ConsentEvent) -> Json:
    purpose = Purpose(event.purpose)
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@id": f"{absolute_site_url('consent:training')}#{purpose}",
            "@type": "dpv:Purpose",
            "dct:title": purpose.label,
            "skos:broader": {"@id": "dpv:ResearchAndDevelopment"},
        },
        "dpv:hasPersonalData": {
            "@type": "dpv:PersonalData",
            "dct:description": personal_data(event),
        },
        "dpv:hasProcessing": [
            {"@id": "dpv:Store"},
            {"@id": "dpv:Pseudonymise"},
            {"@id": "dpv:Share"},
        ],
        "dpv:hasStorageCondition": {
            "@type": "dpv:StorageDuration",
            "dpv:hasDuration": {
                "@type": "dpv:UntilEventDuration",
                "rdf:value": "Withdrawal of consent",
            },
        },
    }


def personal_data(event: ConsentEvent) -> str:
    if event.scope == ConsentEvent.Scope.POST:
        return f"The text of the public post {event.post_id}"
    return "The texts of the public posts that the data subject wrote"


def status(event: ConsentEvent) -> Json:
    return {
        "@type": [STATUS[event.decision], "dpv:ExplicitlyExpressedConsent"],
        "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
        "dpv:hasIndicationMethod": METHOD[event.source],
        "dpv:isIndicatedAtTime": json.loads(event.as_json())["at"],
        "covers": event.covers,
    }


def absolute_site_url(name: str, *arguments: Any) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=arguments)}"
