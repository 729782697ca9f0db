"""Check random rows again for personal data and near duplicates."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from dataset_export.models import Snapshot
from dataset_export.pipeline.dedup.minhash import dedup
from dataset_export.pipeline.recipe import CONVERSATIONS
from dataset_export.pipeline.steps.personal_data import find_personal_data
from dataset_export.review.previews import group_by_file, read_row_bytes, sample_numbers
from dataset_export.review.row_index import file_spans, row_count

LOOKED_AT = 500
MAX_NAMED_ROWS = 20
# Stricter than the recipe's finders: anything similar, unvalidated. A mention that is left
# names somebody; pseudonyms are among the redactions.
SUSPICIOUS_PATTERNS = {
    "looks like an email address": re.compile(
        r"[^\s@<>]+ ?(?:@|[(\[]at[)\]]) ?[^\s@<>]+\.[A-Za-z]{2,}"
    ),
    "looks like a telephone number": re.compile(r"(?<![\w.,])\+?(?:\d[ ()./-]{0,2}){8,}\d(?!\w)"),
    "names a person by @": re.compile(r"(?<![\w@/])@[A-Za-z]\w{2,}"),
}
Text = tuple[str, str, list[dict[str, Any]]]


def spot_check(snapshot: Snapshot) -> dict[str, Any]:
    """Return findings in rows drawn by the manifest's hash: counts by kind and row indexes."""
    files = file_spans(snapshot)
    numbers = sample_numbers(row_count(files), int(snapshot.manifest_sha256[:8], 16), LOOKED_AT)
    kinds, named, texts = Counter[str](), [], dict[int, str]()
    for stretch, its in group_by_file(files, numbers):
        for number, (_, row) in zip(its, read_row_bytes(stretch.shard, its), strict=False):
            parts = texts_of(row)
            found = [kind for part in parts for kind in residual_pii(*part)]
            kinds.update(set(found))
            named += [stretch.first + number] if found else []
            if stretch.shard.configuration != CONVERSATIONS:
                texts[stretch.first + number] = parts[0][0]
    return {
        "rows": len(numbers),
        "kinds": dict(kinds.most_common()),
        "found": len(named),
        "numbers": named[:MAX_NAMED_ROWS],
        "alike": sorted(dedup(texts).items())[:MAX_NAMED_ROWS] if texts else [],
    }


def texts_of(row: dict[str, Any]) -> list[Text]:
    """Return the texts of a row, each with its language and replacements."""
    if messages := row.get("messages"):
        return [
            (message["content"], message["lang"], message["redactions"]) for message in messages
        ]
    return [(row["text"], row["lang"], row["redactions"])]


def residual_pii(text: str, language: str, redactions: Iterable[dict[str, Any]]) -> list[str]:
    """Return the kinds of personal data that a text seems to hold besides replacements."""
    rest = mask_replaced(text, redactions)
    kinds = [found.kind.replace("_", " ") for found in find_personal_data(rest, language)]
    return kinds + [kind for kind, pattern in SUSPICIOUS_PATTERNS.items() if pattern.search(rest)]


def mask_replaced(text: str, redactions: Iterable[dict[str, Any]]) -> str:
    """Blank out replacements, so that the text around them doesn't join."""
    characters = list(text)
    for redaction in redactions:
        start, end = redaction["start"], redaction["end"]
        characters[start:end] = "\n" * (end - start)
    return "".join(characters)
