"""What a reviewer looks at: bars for the figures of the manifest, and a sample of rows that can be drawn again."""

import io
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
import zstandard

from dataset_export.delivery import Span, stream
from dataset_export.models import Shard, Snapshot
from dataset_export.pipeline.recipe import POSTS
from dataset_export.reasons import CHANGES, reason_for
from dataset_export.rough_numbers import about_number
from dataset_export.selectors import ordered_shards, withheld_records

SAMPLE_ROWS = 20
MOST_BARS = 12
# What a manifest may hold beside what every manifest has: counts by a name.
MORE_CHARTS = {
    "redactions": "Replaced in the texts",
    "safety": "Safety labels",
    "notices": "Words that the consents rest on",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a bar chart; `width` is in percent of the longest."""

    label: str
    value: int
    width: float
    share: float


def facts(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return the numbers of a finished build that stand by themselves."""
    manifest = snapshot.manifest
    if not manifest:
        return []
    tokens = manifest.get("tokens_estimated", {}).get("total")
    return [
        ("Posts", f"{manifest['counts']['kept']:,}"),
        ("Authors", f"{manifest['authors']:,}"),
        ("Considered", f"{manifest['counts']['candidates']:,}"),
        *([("Tokens, about", about_number(tokens))] if tokens else []),
        ("Events of the ledger", f"{snapshot.ledger_size:,}"),
    ]


def figures(snapshot: Snapshot) -> list[tuple[str, list[Bar]]]:
    """Return the charts of a finished build, each with its title; of what its manifest, older or newer, has."""
    manifest = snapshot.manifest
    if not manifest:
        return []
    counts = manifest["counts"]
    lengths = {length_label(row): row["posts"] for row in manifest["length_histogram"]}
    changed = {sentence(CHANGES.get(step, step)): number for step, number in counts["changed"].items()}
    charts = [
        ("Left out, and why", bars(by_size(left_out(counts["dropped"])))),
        ("Changed by a step", bars(by_size(changed))),
        ("Rows of each split", bars(split_rows(manifest["shards"]))),
        ("Languages", bars(most_common(manifest["languages"]))),
        ("Length in characters", bars(lengths)),
    ]
    more = [(title, bars(most_common(manifest[key]))) for key, title in MORE_CHARTS.items() if manifest.get(key)]
    return [*charts, *more]


def left_out(dropped: dict[str, dict[str, int]]) -> dict[str, int]:
    return {
        reason_for(step, reason).label: number
        for step, reasons in dropped.items()
        for reason, number in reasons.items()
    }


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def split_rows(shards: list[dict[str, Any]]) -> dict[str, int]:
    """Return how many rows each split has; every row is in a file of each format, and counts once."""
    rows: Counter[str] = Counter()
    for shard in shards:
        if shard["format"] == Shard.Format.PARQUET:
            configuration = shard.get("configuration", POSTS)
            rows[shard["split"] if configuration == POSTS else f"{shard['split']}, {configuration}"] += shard["rows"]
    return dict(rows)


def length_label(row: dict[str, Any]) -> str:
    return f"{row['from']}–{row['to']}" if row["to"] is not None else f"{row['from']} and more"


def by_size(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def most_common(counts: dict[str, int]) -> dict[str, int]:
    """Return the largest counts and the sum of the rest."""
    ordered = list(by_size(counts).items())
    rest = sum(number for _, number in ordered[MOST_BARS:])
    return dict(ordered[:MOST_BARS]) | ({"all others": rest} if rest else {})


def bars(counts: dict[str, int]) -> list[Bar]:
    longest, total = max(counts.values(), default=0), sum(counts.values())
    return [
        Bar(label, number, 100 * number / longest if longest else 0, 100 * number / total if total else 0)
        for label, number in counts.items()
    ]


def sample_rows(snapshot: Snapshot, seed: int, size: int = SAMPLE_ROWS) -> list[dict[str, Any]]:
    """Return some rows of one shard; the same seed gives the same rows, less those that are withheld by now."""
    shards = list(ordered_shards(snapshot).filter(format=Shard.Format.JSON_LINES))
    if not shards:
        return []
    draw = random.Random(seed)  # noqa: S311  a sample for the eye, which has to be repeatable
    shard = draw.choices(shards, weights=[shard.rows for shard in shards])[0]
    numbers = sorted(draw.sample(range(shard.rows), min(size, shard.rows)))
    records = snapshot.records.filter(
        configuration=shard.configuration, split=shard.split, shard_number=shard.number, message=0
    )
    rows = list(records.filter(removed_in__isnull=True).order_by("row").values_list("row", flat=True))
    withheld = set(
        withheld_records(snapshot)
        .filter(configuration=shard.configuration, split=shard.split, shard_number=shard.number)
        .filter(row__in=[rows[number] for number in numbers])
        .values_list("row", flat=True)
    )
    return rows_of(shard, [number for number in numbers if rows[number] not in withheld])


def rows_of(shard: Shard, numbers: Iterable[int]) -> list[dict[str, Any]]:
    content = b"".join(stream(shard, Span(0, shard.size)))
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content)) as reader:
        lines = reader.read().splitlines()
    return [orjson.loads(lines[number]) for number in numbers]
