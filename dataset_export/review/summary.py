"""Key figures and charts of a finished build."""

from collections import Counter
from typing import Any

from dataset_export.builds.drop_reasons import CHANGES, reason_for
from dataset_export.humanize import approximate_number
from dataset_export.models import Shard, Snapshot
from dataset_export.pipeline.recipe import POSTS
from dataset_export.review.charts import Chart, bars, column_chart, curve, most_common
from dataset_export.review.statistics import by_time

# Optional counts of a manifest.
MORE_CHARTS = {
    "redactions": "Replaced in the text",
    "safety": "Safety labels",
    "notices": "Notices behind the consents",
}


def facts(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return the key figures of a finished build."""
    manifest = snapshot.manifest
    if not manifest:
        return []
    tokens = manifest.get("tokens_estimated", {}).get("total")
    removed = manifest.get("removals", {}).get("total", 0)
    return [
        ("Posts", f"{manifest['counts']['kept']:,}"),
        ("Authors", f"{manifest['authors']:,}"),
        ("Considered", f"{manifest['counts']['candidates']:,}"),
        *([("Tokens (approx.)", approximate_number(tokens))] if tokens else []),
        ("Events of the ledger", f"{snapshot.ledger_size:,}"),
        *([("Rows erased since the build", f"{removed:,}")] if removed else []),
    ]


def charts(snapshot: Snapshot, counted: dict[str, Any] | None) -> list[Chart]:
    """Return the charts of a finished build, from its manifest and statistics."""
    manifest = snapshot.manifest
    if not manifest:
        return []
    lengths = {length_label(row): row["posts"] for row in manifest["length_histogram"]}
    changed = {
        sentence(CHANGES.get(step, step)): number
        for step, number in manifest["counts"]["changed"].items()
    }
    drawn = [
        bars("languages", "Languages", most_common(manifest["languages"])),
        column_chart("lengths", "Length in characters", lengths),
        bars(
            "dropped",
            "Left out, and why",
            most_common(dropped_counts(manifest["counts"]["dropped"])),
        ),
        bars("changed", "Changed by a step", most_common(changed)),
        bars("splits", "Rows of each split", split_rows(manifest["shards"])),
        *(
            bars(key, title, most_common(manifest[key]))
            for key, title in MORE_CHARTS.items()
            if manifest.get(key)
        ),
    ]
    return [*drawn, *counted_charts(counted)] if counted else drawn


def counted_charts(counted: dict[str, Any]) -> list[Chart]:
    days = [(day, rows) for day, rows in counted["days"]]
    return [
        column_chart("time", "Posts over time", dict(by_time(days))),
        curve("authors", "Share of the rows by authors, those with most first", counted["curve"]),
    ]


def dropped_counts(dropped: dict[str, dict[str, int]]) -> dict[str, int]:
    return {
        reason_for(step, reason).label: number
        for step, reasons in dropped.items()
        for reason, number in reasons.items()
    }


def sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def split_rows(shards: list[dict[str, Any]]) -> dict[str, int]:
    """Return rows by split, counting each once although each format has it."""
    rows: Counter[str] = Counter()
    for shard in shards:
        if shard["format"] == Shard.Format.PARQUET:
            configuration = shard.get("configuration", POSTS)
            rows[
                shard["split"] if configuration == POSTS else f"{shard['split']}, {configuration}"
            ] += shard["rows"]
    return dict(rows)


def length_label(row: dict[str, Any]) -> str:
    return f"{row['from']}–{row['to']}" if row["to"] is not None else f"{row['from']}+"
