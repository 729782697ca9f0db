"""Export of everything known about a person's posts in datasets, as JSON."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from consent.services import get_or_create_subject
from dataset_export.authors.contributions import author_removals, downloads
from dataset_export.authors.outcomes import built_snapshots, drops_of
from dataset_export.builds.drop_reasons import changes_in_words, reason_for
from dataset_export.erasure.request_times import ROW_SQL
from dataset_export.models import HeldRow, RowProvenance, Snapshot
from dataset_export.pipeline.pseudonyms import Pseudonyms

_Json = dict[str, Any]
_CHUNK = 2000


def export_json(author: User) -> Iterator[bytes]:
    """Yield the document in pieces, with few rows in memory."""
    subject = get_or_create_subject(author).pk
    snapshots = built_snapshots().in_bulk()
    yield b'{"made_at":' + orjson.dumps(timezone.now())
    lists = {
        "downloads": downloaded_section(subject),
        "removals": removed_section(subject),
        "posts": used_section(subject, snapshots),
        "left_out": dropped_section(author, snapshots),
    }
    for name, entries in lists.items():
        yield b',"' + name.encode() + b'":['
        yield from json_items(entries)
        yield b"]"
    yield b"}\n"


def json_items(entries: Iterator[_Json]) -> Iterator[bytes]:
    for number, entry in enumerate(entries):
        yield (b",\n" if number else b"\n") + orjson.dumps(entry)


def downloaded_section(subject: UUID) -> Iterator[_Json]:
    for one in downloads(subject):
        yield {
            **snapshot_ref(one.snapshot),
            "by": one.who,
            "purpose": one.access.purpose,
            "first_at": one.first_at,
            "last_at": one.last_at,
            "files": one.files,
        }


def removed_section(subject: UUID) -> Iterator[_Json]:
    for one in author_removals(subject):
        yield {
            **snapshot_ref(one.snapshot),
            "without_them": one.revision,
            "posts": one.posts,
            "reason": one.reason,
            "asked_at": one.asked_at,
            "erased_at": one.at,
            "told": one.told,
            "acknowledged": one.acknowledged,
        }


def used_section(subject: UUID, snapshots: dict[int, Snapshot]) -> Iterator[_Json]:
    records = RowProvenance.objects.filter(subject=subject, snapshot__in=snapshots).order_by(
        "snapshot", "post_id"
    )
    held = HeldRow.objects.filter(**{column: OuterRef(column) for column in ROW_SQL})
    gone = Q(removed_in__isnull=False) & ~Q(Exists(held))
    records = records.annotate(is_erased=ExpressionWrapper(gone, BooleanField()))
    columns = records.values_list("snapshot", "post_id", "consent_position", "changed", "is_erased")
    pseudonyms = {
        number: Pseudonyms(bytes(snapshot.pseudonym_key)) for number, snapshot in snapshots.items()
    }
    for snapshot_id, post_id, position, changed, is_erased in iter_rows(columns):
        names = pseudonyms[snapshot_id]
        yield {
            **snapshot_ref(snapshots[snapshot_id]),
            "post": str(post_id),
            "receipt": settings.SITE_URL + reverse("consent:receipt", args=[position]),
            # The row's reference and the salt that lets anyone match it to this receipt.
            "consent_reference": names.consent(position),
            "consent_salt": names.consent_salt(position).hex(),
            "changes": changes_in_words(changed),
            "is_erased": is_erased,
        }


def dropped_section(author: User, snapshots: dict[int, Snapshot]) -> Iterator[_Json]:
    drops = drops_of(author).filter(snapshot__in=snapshots).order_by("snapshot", "post_id")
    for snapshot_id, post_id, step, reason in iter_rows(
        drops.values_list("snapshot", "post_id", "step", "reason")
    ):
        yield {
            **snapshot_ref(snapshots[snapshot_id]),
            "post": str(post_id),
            "why": reason_for(step, reason).why,
        }


def iter_rows(queryset: QuerySet[Any, Any]) -> Iterator[tuple[Any, ...]]:
    return queryset.iterator(chunk_size=_CHUNK)


def snapshot_ref(snapshot: Snapshot) -> _Json:
    return {
        "data_set": snapshot.name,
        "revision": snapshot.version,
        "purpose": snapshot.purpose,
        "state": snapshot.state,
    }
