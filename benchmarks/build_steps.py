"""What each step of the default recipe costs, without a database: microseconds a post, on stderr as a table.

`build_steps` is how many posts a second a core takes through all of them and into both formats; `build_steps_megabytes`
is the same in megabytes of text (UTF-8). Posts are those of the other benchmarks, in batches as a build has them.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from benchmarks import texts
from benchmarks.figures import Figure
from benchmarks.place import say
from dataset_export.pipeline.dedup.exact import fingerprint
from dataset_export.pipeline.dedup.minhash import signatures
from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.recipe import PRETRAINING_DEFAULT, RecipeSpec
from dataset_export.pipeline.records import Record
from dataset_export.pipeline.rows import POSTS_SCHEMA as SCHEMA
from dataset_export.pipeline.rows import row_leaf_hash, row_line, to_row
from dataset_export.pipeline.shards import write_shard

POSTS = 20_000
PER_SECOND = 8000
MEGABYTES = 0.5
SEED = 5


def measure(folder: Path) -> Iterator[Figure]:
    """Send posts through step after step, each timed alone."""
    pseudonyms = Pseudonyms(bytes(32))
    records, spent = records_of(POSTS), dict[str, float]()
    size = sum(len(record.text.encode()) for record in records)
    for step in RecipeSpec.parse(PRETRAINING_DEFAULT).build(pseudonyms):
        step(records[0])
        outcomes = timed(
            spent,
            step.name,
            lambda step=step, records=records: [step(record) for record in records],
        )
        records = [outcome for outcome in outcomes if isinstance(outcome, Record)]
    write(spent, records, pseudonyms)
    for name, seconds in spent.items():
        say(f"{name:>16} {1e6 * seconds / POSTS:6.1f} µs")
    total = sum(spent.values())
    yield Figure("build_steps", POSTS / total, "posts/s", PER_SECOND)
    yield Figure("build_steps_megabytes", size / 1e6 / total, "MB/s", MEGABYTES)


def write(spent: dict[str, float], records: list[Record], pseudonyms: Pseudonyms) -> None:
    timed(spent, "fingerprints", lambda: [fingerprint(record.text) for record in records])
    timed(spent, "keys", lambda: signatures([record.text for record in records]))
    lines = timed(
        spent, "rows", lambda: [row_line(to_row(record, pseudonyms, False)) for record in records]
    )
    salts = [pseudonyms.salt(record.post_id) for record in records]
    timed(
        spent,
        "leaves",
        lambda: [row_leaf_hash(salt, line) for salt, line in zip(salts, lines, strict=True)],
    )
    timed(spent, "files", lambda: write_shard(lines, SCHEMA))


def timed(spent: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    began = time.process_time()
    result = work()
    spent[name] = time.process_time() - began
    return result


def records_of(number: int) -> list[Record]:
    posts = islice(texts.posts(Random(SEED), ["ana", "ben", "carla"]), number)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        Record(
            pk, text, tag, None, at, UUID(int=pk % 1000), pk, None, "human", 4, "pretraining/1/en"
        )
        for pk, (text, tag) in enumerate(posts, start=1)
    ]
