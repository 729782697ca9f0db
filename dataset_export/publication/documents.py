"""Documents of a dataset, stored when a revision is published so that they never change."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.urls import reverse

from dataset_export.cards.croissant import croissant
from dataset_export.cards.facts import CardContext, Layout
from dataset_export.cards.readme import render_card
from dataset_export.models import Document, Shard, Snapshot
from dataset_export.pipeline.manifest import canonical_manifest
from dataset_export.publication.removals import removals_jsonl
from dataset_export.signing.revisions import current_revision, revision_name, sign_again
from dataset_export.storage.shard_reader import ShardFile

OWNER = "commonplace"
README, CROISSANT, _MANIFEST = "README.md", "croissant.json", "manifest.json"
_SIGNATURE, REMOVALS = "manifest.json.sig", "removals.jsonl"


def publish_documents(snapshot: Snapshot) -> None:
    """Sign the manifest again with its documents, and store these.

    The documents name the time of publication. The manifest keeps the hash of the one that was
    approved without them.
    """
    revision = current_revision(snapshot)
    manifest = {"approved_sha256": snapshot.manifest_sha256} | snapshot.manifest
    manifest, described = with_documents(snapshot, manifest, revision.number)
    content = canonical_manifest(manifest)
    revision = sign_again(revision, content)
    snapshot.manifest_json, snapshot.signature = content, revision.signature
    snapshot.save(update_fields=["manifest_json", "signature"])
    keep_documents(snapshot, revision.number, described)


def with_documents(
    snapshot: Snapshot, manifest: Mapping[str, Any], number: int
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return a revision's manifest with its documents' hashes, and the documents."""
    facts = facts_from(
        snapshot,
        manifest,
        version=revision_name(snapshot, number),
        layouts=parquet_layouts(snapshot),
    )
    described = {README: render_card(facts), CROISSANT: croissant(facts)}
    hashes = [
        {"path": path, "bytes": len(content), "sha256": sha256(content).hexdigest()}
        for path, content in described.items()
    ]
    return dict(manifest) | {"documents": hashes}, described


def keep_documents(snapshot: Snapshot, number: int, described: Mapping[str, bytes]) -> None:
    """Store the documents of the current revision, in the transaction that makes it current.

    Earlier documents stay, except removals.jsonl, which the next contains.
    """
    snapshot.documents.filter(path=REMOVALS, revision__lt=number).delete()
    contents = {
        **described,
        _MANIFEST: bytes(snapshot.manifest_json or b""),
        _SIGNATURE: snapshot.signature.encode(),
        REMOVALS: removals_jsonl(snapshot, number),
    }
    Document.objects.bulk_create(
        document(snapshot, number, path, content) for path, content in contents.items()
    )


def document(snapshot: Snapshot, number: int, path: str, content: bytes) -> Document:
    """Return an unsaved document."""
    return Document(
        snapshot=snapshot,
        revision=number,
        path=path,
        content=content,
        size=len(content),
        sha256=sha256(content).hexdigest(),
    )


def generate_missing_documents() -> None:
    """Create the documents of snapshots published before documents existed."""
    for snapshot in Snapshot.objects.published().filter(documents=None).order_by("pk"):
        publish_documents(snapshot)


def build_card_context(snapshot: Snapshot, layouts: Mapping[str, Layout]) -> CardContext:
    """Return the card context of a published snapshot as it is now."""
    revision = current_revision(snapshot)
    version = revision_name(snapshot, revision.number)
    return facts_from(
        snapshot, snapshot.manifest, version=version, layouts=layouts, commit=revision.commit
    )


def facts_from(
    snapshot: Snapshot,
    manifest: Mapping[str, Any],
    *,
    version: str,
    layouts: Mapping[str, Layout],
    commit: str = "",
) -> CardContext:
    """Return the card context of a revision.

    The commit is unknown until the manifest with the card's hash exists.
    """
    assert snapshot.published_at is not None
    return CardContext(
        manifest=manifest,
        site=settings.SITE_URL,
        terms=settings.SITE_URL + reverse("dataset_export:terms"),
        owner=OWNER,
        version=version,
        commit=commit,
        purpose_label=snapshot.get_purpose_display(),
        published_at=snapshot.published_at,
        layouts=layouts,
    )


def parquet_layouts(snapshot: Snapshot) -> dict[str, Layout]:
    """Return schema and uncompressed sizes of the Parquet files, by configuration."""
    schemas: dict[str, pa.Schema] = {}
    unpacked: dict[str, dict[str, int]] = {}
    for shard in snapshot.shards.filter(format=Shard.Format.PARQUET).order_by("path"):
        name = shard.configuration
        footer = pq.read_metadata(ShardFile(shard))
        schemas.setdefault(name, footer.schema.to_arrow_schema())
        sizes = unpacked.setdefault(name, {})
        sizes[shard.split] = sizes.get(shard.split, 0) + unpacked_bytes(footer)
    return {name: Layout(schema, unpacked[name]) for name, schema in schemas.items()}


def unpacked_bytes(footer: pq.FileMetaData) -> int:
    return sum(footer.row_group(number).total_byte_size for number in range(footer.num_row_groups))
