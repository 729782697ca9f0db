"""Stage 1: run the recipe's steps on the eligible posts of a range and stage the rest."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import orjson
from django.db.models import Case, F, Value, When

from consent.models import ConsentEvent, Notice
from dataset_export.builds.bulk_io import DROP_COLUMNS, copy_rows, read_batches
from dataset_export.builds.evaluation import lists_of
from dataset_export.builds.exclusions import count_excluded, reviewer_excluded, split_excluded
from dataset_export.builds.stages.match import keys_of, write_band_partitions
from dataset_export.eligibility import exportable_posts
from dataset_export.models import BuildTask, DroppedPost, StagedPost
from dataset_export.pipeline.dedup.exact import fingerprint
from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.recipe import NEAR_DUPLICATES, RecipeSpec
from dataset_export.pipeline.records import Record
from dataset_export.pipeline.runner import Batch, run_pipeline
from dataset_export.pipeline.splits import split_of
from posts.models import PostVersion

POST_COLUMNS = (
    "pk",
    "text",
    "said_language",
    "created_at",
    "subject",
    "thread_id",
    "reply_to_id",
    "authorship",
    "consent_position",
)
# Posts processed together, from the gate to staging.
_POSTS_AT_ONCE = 1_000
# A guessed language is no evidence.
DECLARED_LANGUAGE = Case(When(is_language_guessed=True, then=Value("")), default=F("language"))
_CANDIDATE_COLUMNS = (
    "snapshot_id",
    "post_id",
    "subject",
    "thread_id",
    "parent_id",
    "text",
    "language",
    "confidence",
    "created_at",
    "authorship",
    "consent_position",
    "notice",
    "split",
    "fingerprint",
    "details",
)


def prepare(task: BuildTask) -> None:
    recipe, keys = task.snapshot.recipe.steps(), []
    taken, dropped, changed = 0, Counter[tuple[str, str]](), Counter[str]()
    for batch in _batches(task, recipe):
        copy_rows(
            StagedPost, _CANDIDATE_COLUMNS, candidate_rows(task.snapshot_id, batch, recipe.shares)
        )
        copy_rows(
            DroppedPost, DROP_COLUMNS, ((task.snapshot_id, *drop, None) for drop in batch.drops)
        )
        if recipe.has(NEAR_DUPLICATES):
            keys.append(keys_of(batch.kept))
        taken += batch.candidates
        dropped += batch.dropped
        changed += batch.changed
    write_band_partitions(task, keys)
    task.taken, task.dropped, task.changed = taken, nest(dropped), dict(changed)


def _batches(task: BuildTask, recipe: RecipeSpec) -> Iterator[Batch]:
    """Yield the processed posts of a range in batches."""
    steps = recipe.build(Pseudonyms(bytes(task.snapshot.pseudonym_key)), lists_of(task.snapshot))
    out = reviewer_excluded(task.snapshot)
    for records in records_of(task):
        stay, excluded = split_excluded(out, records)
        batch = run_pipeline(steps, stay)
        count_excluded(batch, excluded)
        yield batch


def records_of(task: BuildTask) -> Iterator[list[Record]]:
    snapshot = task.snapshot
    posts = exportable_posts(
        snapshot.purpose, as_of=snapshot.ledger_size, notice_version=snapshot.notice_version
    ).filter(pk__range=(task.first_id, task.last_id))
    earlier = text_at_watermark(task)
    notices: dict[int, str] = {}
    said = posts.annotate(said_language=DECLARED_LANGUAGE).order_by("pk")
    for rows in read_batches(said, *POST_COLUMNS, size=_POSTS_AT_ONCE):
        notices |= notices_at({row[-1] for row in rows} - notices.keys())
        yield [record_of(replace_text(row, earlier.get(row[0])), notices) for row in rows]


def text_at_watermark(task: BuildTask) -> dict[int, tuple[str, str]]:
    """Return text and language at the snapshot's watermark, of posts edited since."""
    later = PostVersion.objects.filter(
        post__gte=task.first_id, post__lte=task.last_id, pk__gt=task.snapshot.version_watermark or 0
    )
    # The version that ended first after a moment was current at it.
    first = (
        later.order_by("post_id", "pk")
        .distinct("post_id")
        .annotate(said_language=DECLARED_LANGUAGE)
    )
    rows = first.values_list("post_id", "text", "said_language")
    return {post_id: (text, language) for post_id, text, language in rows}


def replace_text(row: tuple[Any, ...], words: tuple[str, str] | None) -> tuple[Any, ...]:
    """Return a post's columns with another text and language."""
    return row if words is None else (row[0], *words, *row[3:])


def record_of(row: tuple[Any, ...], notices: dict[int, str]) -> Record:
    post_id, text, language, created_at, subject, thread_id, parent_id, authorship, position = row
    return Record(
        post_id=post_id,
        text=text,
        language=language,
        confidence=None,
        created_at=created_at,
        subject=subject,
        thread_id=thread_id or post_id,
        parent_id=parent_id,
        authorship=authorship,
        consent_position=position,
        notice=notices[position],
        region=region_of(language),
    )


@lru_cache(1024)
def region_of(tag: str) -> str:
    """Return the region of a language tag (RFC 5646, 2.2.4) such as pt-BR, if any."""
    return next(
        (part.upper() for part in tag.split("-")[1:] if len(part) == 2 and part.isalpha()), ""
    )


def notices_at(positions: set[int]) -> dict[int, str]:
    """Return the notice of each decision, as purpose/version/language."""
    names = {notice.pk: str(notice) for notice in Notice.objects.all()}
    events = ConsentEvent.objects.filter(position__in=positions)
    return {
        position: names[notice] for position, notice in events.values_list("position", "notice")
    }


def candidate_rows(
    snapshot_id: int, batch: Batch, shares: dict[str, float]
) -> Iterator[tuple[Any, ...]]:
    changed: defaultdict[int, list[str]] = defaultdict(list)
    for post_id, step in batch.changes:
        changed[post_id].append(step)
    for record in batch.kept:
        yield (
            snapshot_id,
            record.post_id,
            record.subject,
            record.thread_id,
            record.parent_id,
            record.text,
            record.language,
            record.confidence,
            record.created_at,
            record.authorship,
            record.consent_position,
            record.notice,
            split_of(record.thread_id, shares),
            fingerprint(record.text),
            pack_json(record, changed.get(record.post_id, ())),
        )


def pack_json(record: Record, changed: Iterable[str]) -> bytes:
    """Return what only the write stage reads, as JSON."""
    return orjson.dumps(
        (record.redactions, record.quality or (), record.safety or (), ",".join(changed)),
        default=tuple,
    )


def nest(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    tree: dict[str, dict[str, int]] = {}
    for (step, reason), number in counts.items():
        tree.setdefault(step, {})[reason] = number
    return tree


def flatten(trees: Iterable[dict[str, dict[str, int]]]) -> Counter[tuple[str, str]]:
    """Return the sums of many nested counts."""
    sums: Counter[tuple[str, str]] = Counter()
    for tree in trees:
        for step, reasons in tree.items():
            for reason, number in reasons.items():
                sums[step, reason] += number
    return sums
