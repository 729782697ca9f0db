from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import orjson
import pytest

from dataset_export.pipeline.records import Quality, Redaction, Safety
from dataset_export.pipeline.rows import POSTS_SCHEMA, row_leaf_hash, row_line, to_row

from .factories import PSEUDONYMS, make_record

QUALITY = Quality(0.25, 0.0, 0.5, 0.00390625, 1.0, 0.75, True)


@pytest.mark.parametrize("quality", [None, QUALITY])
def test_a_row_has_the_fields_of_the_schema_in_order(quality):
    row = to_row(
        make_record(quality=quality, safety=Safety("none", 0.5)), PSEUDONYMS, parent_kept=False
    )
    assert list(row) == POSTS_SCHEMA.names
    for name in ("quality", "safety", "consent"):
        assert list(row[name]) == [field.name for field in POSTS_SCHEMA.field(name).type]


def test_a_row_says_what_the_record_says():
    record = make_record(
        "Fog, @x!",
        language="en",
        confidence=0.75,
        redactions=(Redaction("mention", 5, 7),),
        parent_id=9,
        thread_id=3,
        quality=QUALITY,
        safety=Safety("none", 0.125),
    )
    assert to_row(record, PSEUDONYMS, parent_kept=True, duplicate_count=3) == {
        "id": PSEUDONYMS.row(record.post_id),
        "text": "Fog, @x!",
        "lang": "en",
        "created_at": "2026-03-01T00:00:00.000Z",
        "author": PSEUDONYMS.author(record.subject),
        "thread": PSEUDONYMS.thread(3),
        "parent": PSEUDONYMS.row(9),
        "authorship": "human",
        "duplicate_count": 3,
        "quality": {
            "characters": 8,
            "words": 2,
            "language_confidence": 0.75,
            "url_share": 0.25,
            "hashtag_share": 0.0,
            "mention_share": 0.5,
            "symbol_share": 0.00390625,
            "uppercase_share": 1.0,
            "repetition": 0.75,
            "template": True,
        },
        "safety": {"label": "none", "score": 0.125},
        "redactions": [{"kind": "mention", "start": 5, "end": 7}],
        "consent": {"reference": PSEUDONYMS.consent(4), "notice": "pretraining/1"},
    }


def test_what_no_step_looked_at_is_null():
    row = to_row(make_record(confidence=None), PSEUDONYMS, parent_kept=False)
    assert row["safety"] is None
    assert row["quality"].pop("characters") == 34
    assert row["quality"].pop("words") == 6
    assert set(row["quality"].values()) == {None}
    assert row["duplicate_count"] == 1


@pytest.mark.parametrize(("parent_id", "kept"), [(None, True), (None, False), (9, False)])
def test_a_parent_outside_the_snapshot_is_not_named(parent_id, kept):
    assert to_row(make_record(parent_id=parent_id), PSEUDONYMS, kept)["parent"] is None


def test_no_number_of_ours_is_in_a_row():
    record = make_record(post_id=987_654_321, thread_id=987_654_322, parent_id=987_654_323)
    content = row_line(to_row(record, PSEUDONYMS, parent_kept=True)).decode()
    assert "98765432" not in content
    assert str(record.subject) not in content


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-01T00:00:00.000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC), "2026-01-01T00:00:00.000Z"),
        (
            datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=2))),
            "2025-12-01T00:00:00.000Z",
        ),
        (datetime(999, 12, 31, 23, 59, 59, 7_000, tzinfo=UTC), "0999-12-01T00:00:00.000Z"),
    ],
)
def test_times_are_months_in_utc(at, expected):
    assert (
        to_row(make_record(created_at=at), PSEUDONYMS, parent_kept=False)["created_at"] == expected
    )


def test_without_a_decision_there_is_no_row():
    with pytest.raises(ValueError, match="decision"):
        to_row(make_record(consent_position=None), PSEUDONYMS, parent_kept=False)


def test_a_line_is_the_row_in_canonical_json():
    row = to_row(make_record("Fog 🌫\nand\u2028rain"), PSEUDONYMS, parent_kept=False)
    line = row_line(row)
    assert orjson.loads(line) == row
    assert line == row_line(dict(reversed(row.items())))
    assert b"\n" not in line
    assert b'"authorship":"human","consent":{"notice":' in line


def test_a_leaf_commits_to_salt_and_line():
    line, salt = b'{"text":"Fog"}', PSEUDONYMS.salt(1)
    assert row_leaf_hash(salt, line) == sha256(b"\0" + salt + line).digest()
    assert (
        len(
            {
                row_leaf_hash(salt, line),
                row_leaf_hash(PSEUDONYMS.salt(2), line),
                row_leaf_hash(salt, line + b" "),
            }
        )
        == 3
    )


@pytest.mark.parametrize("end", "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
def test_row_line_with_any_line_end_is_one_line(end):
    row = to_row(make_record(f"one{end}two"), PSEUDONYMS, parent_kept=False)
    line = row_line(row)
    assert len(line.decode().splitlines()) == 1
    assert orjson.loads(line) == row
