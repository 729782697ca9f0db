"""The files around the shards: written down when a snapshot is published, so that they stay what they were."""

import hashlib
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.urls import reverse

from dataset_export.cards.card import card
from dataset_export.cards.croissant import croissant
from dataset_export.cards.facts import Facts, Layout
from dataset_export.delivery import ShardFile
from dataset_export.erasure.removals import removals_jsonl
from dataset_export.erasure.revisions import current_revision, revision_name
from dataset_export.models import Document, Shard, Snapshot

OWNER = "commonplace"
README, CROISSANT, MANIFEST = "README.md", "croissant.json", "manifest.json"


def make_documents(snapshot: Snapshot) -> None:
    """Write the documents of a snapshot in place of earlier ones, in the transaction that changes what is served."""
    snapshot.documents.all().delete()
    Document.objects.bulk_create(
        Document(
            snapshot=snapshot,
            path=path,
            content=content,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        for path, content in contents(snapshot)
    )


def ensure_documents() -> None:
    """Write the documents of what was published before there were any."""
    for snapshot in Snapshot.objects.published().filter(documents=None).order_by("pk"):
        make_documents(snapshot)


def contents(snapshot: Snapshot) -> Iterator[tuple[str, bytes]]:
    facts = facts_of(snapshot, layouts_of(snapshot))
    yield README, card(facts)
    yield CROISSANT, croissant(facts)
    yield MANIFEST, bytes(snapshot.manifest_json or b"")
    yield "manifest.json.sig", snapshot.signature.encode()
    yield "removals.jsonl", removals_jsonl(snapshot)


def facts_of(snapshot: Snapshot, layouts: Mapping[str, Layout]) -> Facts:
    """Return what the documents say about a published snapshot."""
    assert snapshot.published_at is not None
    revision = current_revision(snapshot)
    return Facts(
        manifest=snapshot.manifest,
        site=settings.SITE_URL,
        terms=settings.SITE_URL + reverse("dataset_export:terms"),
        owner=OWNER,
        version=revision_name(snapshot, revision.number),
        commit=revision.commit,
        purpose_label=snapshot.get_purpose_display(),
        published_at=snapshot.published_at,
        layouts=layouts,
    )


def layouts_of(snapshot: Snapshot) -> dict[str, Layout]:
    """Return what the Parquet files say of themselves, by configuration."""
    schemas: dict[str, pa.Schema] = {}
    unpacked: dict[str, dict[str, int]] = {}
    configurations = {file.path: file.configuration for file in facts_of(snapshot, {}).files}
    for shard in snapshot.shards.filter(format=Shard.Format.PARQUET).order_by("path"):
        name = configurations[shard.path]
        footer = pq.read_metadata(ShardFile(shard))
        schemas.setdefault(name, footer.schema.to_arrow_schema())
        sizes = unpacked.setdefault(name, {})
        sizes[shard.split] = sizes.get(shard.split, 0) + unpacked_bytes(footer)
    return {name: Layout(schema, unpacked[name]) for name, schema in schemas.items()}


def unpacked_bytes(footer: pq.FileMetaData) -> int:
    return sum(footer.row_group(number).total_byte_size for number in range(footer.num_row_groups))
