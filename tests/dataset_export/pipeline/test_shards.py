import os
import subprocess
import sys
from datetime import datetime
from hashlib import sha256
from io import BytesIO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dataset_export.pipeline.recipe import PRETRAINING_DEFAULT as DEFAULT
from dataset_export.pipeline.recipe import RecipeSpec
from dataset_export.pipeline.records import Quality, Safety
from dataset_export.pipeline.rows import POSTS_SCHEMA, row_line, to_row
from dataset_export.pipeline.runner import run_pipeline
from dataset_export.pipeline.shards import JSON_LINES, PARQUET, shard_name, write_shard

from .factories import PSEUDONYMS, make_record

TEXTS = (
    "Fog over the harbour, @ana!",
    "Nebel über dem Hafen &amp; mehr",
    "霧 🌫\nend",
    "42",
    "naïve  @a@b.example",
)

MEASURED = {
    "quality": Quality(*(number / 256 for number in (0, 1, 85, 127, 255, 256)), template=False),
    "safety": Safety("none", 171 / 256),
}


def make_rows(count):
    records = [
        make_record(TEXTS[number % len(TEXTS)], post_id=number << 16, parent_id=number or None)
        for number in range(count)
    ]
    kept = run_pipeline(RecipeSpec.parse(DEFAULT).build(PSEUDONYMS), records).kept
    return [
        to_row(
            record._replace(**MEASURED if number % 2 else {}),
            PSEUDONYMS,
            parent_kept=number % 3 == 0,
            duplicate_count=9,
        )
        for number, record in enumerate(kept)
    ]


def lines_of(rows):
    return [row_line(row) for row in rows]


def digests():
    """Return the hashes of both files; called in other processes too."""
    lines = lines_of(make_rows(200))
    return [sha256(content).hexdigest() for content in write_shard(lines, POSTS_SCHEMA).values()]


def parquet(lines):
    return BytesIO(write_shard(lines, POSTS_SCHEMA)[PARQUET])


def json_lines(lines):
    return (
        zstandard.ZstdDecompressor()
        .decompressobj()
        .decompress(write_shard(lines, POSTS_SCHEMA)[JSON_LINES])
    )


def as_written(row):
    """Return a row read back from Parquet in the plain types of a row."""
    moment: datetime = row["created_at"]
    return {
        **row,
        "created_at": moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z",
    }


def test_parquet_and_json_lines_hold_the_same_rows():
    rows = make_rows(60)
    written = lines_of(rows)
    table = pq.read_table(parquet(written))
    lines = json_lines(written).splitlines()
    assert [as_written(row) for row in table.to_pylist()] == rows
    assert [orjson.loads(line) for line in lines] == rows
    assert lines == written


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_any_text_comes_through_both_formats(texts):
    lines = lines_of([{**make_rows(1)[0], "text": text} for text in texts])
    assert pq.read_table(parquet(lines))["text"].to_pylist() == texts


def test_a_field_that_the_schema_has_not_is_refused():
    lines = lines_of([{**row, "name": "Ana"} for row in make_rows(2)])
    with pytest.raises(pa.ArrowInvalid, match="unexpected field"):
        parquet(lines)


def test_a_field_that_must_not_be_null_is_refused():
    with pytest.raises(ValueError, match="null"):
        parquet(lines_of([{**make_rows(1)[0], "text": None}]))


def test_parquet_has_the_types_of_the_schema():
    schema = pq.read_schema(parquet(lines_of(make_rows(3))))
    assert schema.names == POSTS_SCHEMA.names
    assert schema.field("created_at").type == pa.timestamp("ms", tz="UTC")
    assert schema.field("quality").type == POSTS_SCHEMA.field("quality").type
    assert schema.field("safety").type == POSTS_SCHEMA.field("safety").type
    assert schema.field("consent").type == POSTS_SCHEMA.field("consent").type
    assert not schema.field("text").nullable
    assert schema.metadata is None


def test_parquet_is_cut_into_groups_with_an_index_and_no_text_in_the_footer():
    metadata = pq.read_metadata(parquet(lines_of(make_rows(10_001))))
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [
        10_000,
        1,
    ]
    columns = {
        column.path_in_schema: column
        for column in map(metadata.row_group(0).column, range(metadata.num_columns))
    }
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    assert columns["lang"].has_dictionary_page
    assert columns["lang"].has_offset_index
    assert columns["created_at"].has_column_index
    assert columns["text"].statistics is None
    assert not columns["text"].has_column_index


def test_nothing_is_a_file_too():
    assert pq.read_table(parquet([])).num_rows == 0
    assert json_lines([]) == b""


def test_bytes_repeat():
    assert digests() == digests()


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_bytes_repeat_in_another_process(seed):
    code = f"from {__name__} import digests; print(*digests())"
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split() == digests()


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("train", 0, 3, PARQUET), "data/train-00000-of-00003.parquet"),
        (("train", 2, 3, JSON_LINES), "data/train-00002-of-00003.jsonl.zst"),
        (("test", 0, 1, PARQUET), "data/test-00000-of-00001.parquet"),
        (
            ("train", 0, 1, JSON_LINES, "conversations"),
            "conversations/train-00000-of-00001.jsonl.zst",
        ),
    ],
)
def test_shard_name(arguments, name):
    assert shard_name(*arguments) == name


@pytest.mark.parametrize(("number", "count"), [(3, 3), (-1, 3), (0, 0)])
def test_a_shard_that_does_not_exist_has_no_name(number, count):
    with pytest.raises(ValueError, match="doesn't exist"):
        shard_name("train", number, count, PARQUET)
