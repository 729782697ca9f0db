from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import orjson
import pytest

from dataset_export.pipeline.records import Redaction
from dataset_export.pipeline.rows import POSTS, canonical_row, leaf_hash, to_row

from .factories import PSEUDONYMS, make_record


def test_a_row_has_the_fields_of_the_schema_in_order():
    row = to_row(make_record(), PSEUDONYMS, parent_kept=False)
    assert list(row) == POSTS.names
    for name in ("quality", "consent"):
        assert list(row[name]) == [field.name for field in POSTS.field(name).type]


def test_a_row_says_what_the_record_says():
    record = make_record(
        "Fog, @x!", language="en", confidence=0.75, redactions=(Redaction("mention", 5, 7),), parent_id=9, thread_id=3
    )
    assert to_row(record, PSEUDONYMS, parent_kept=True) == {
        "id": PSEUDONYMS.row(record.post_id),
        "text": "Fog, @x!",
        "lang": "en",
        "created_at": "2026-03-01T07:30:15.123Z",
        "author": PSEUDONYMS.author(record.subject),
        "thread": PSEUDONYMS.thread(3),
        "parent": PSEUDONYMS.row(9),
        "authorship": "human",
        "quality": {"characters": 8, "words": 2, "language_confidence": 0.75},
        "redactions": [{"kind": "mention", "start": 5, "end": 7}],
        "consent": {"position": 4, "notice": "pretraining/1/en"},
    }


@pytest.mark.parametrize(("parent_id", "kept"), [(None, True), (None, False), (9, False)])
def test_a_parent_outside_the_snapshot_is_not_named(parent_id, kept):
    assert to_row(make_record(parent_id=parent_id), PSEUDONYMS, kept)["parent"] is None


def test_no_number_of_ours_is_in_a_row():
    record = make_record(post_id=987_654_321, thread_id=987_654_322, parent_id=987_654_323)
    content = canonical_row(to_row(record, PSEUDONYMS, parent_kept=True)).decode()
    assert "98765432" not in content
    assert str(record.subject) not in content


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC), "2026-01-02T03:04:05.999Z"),
        (datetime(2026, 1, 2, 1, 0, tzinfo=timezone(timedelta(hours=2))), "2026-01-01T23:00:00.000Z"),
    ],
)
def test_times_are_in_utc_to_the_millisecond(at, expected):
    assert to_row(make_record(created_at=at), PSEUDONYMS, parent_kept=False)["created_at"] == expected


def test_a_leaf_commits_to_salt_and_row():
    row = to_row(make_record("Fog 🌫"), PSEUDONYMS, parent_kept=False)
    salt = PSEUDONYMS.salt(1)
    assert leaf_hash(salt, row) == sha256(b"\0" + salt + canonical_row(row)).digest()
    assert leaf_hash(salt, dict(reversed(row.items()))) == leaf_hash(salt, row)
    assert leaf_hash(PSEUDONYMS.salt(2), row) != leaf_hash(salt, row)
    assert leaf_hash(salt, {**row, "text": "Fog"}) != leaf_hash(salt, row)
    assert orjson.loads(canonical_row(row)) == row
