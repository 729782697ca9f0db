from io import BytesIO
from uuid import UUID

import orjson
import pyarrow.parquet as pq
import pytest

from dataset_export.pipeline.conversations import CONVERSATIONS_SCHEMA, to_conversation
from dataset_export.pipeline.records import Redaction, Safety
from dataset_export.pipeline.rows import row_line, to_row
from dataset_export.pipeline.shards import PARQUET, write_shard

from .factories import PSEUDONYMS, make_record

THREAD = 5 << 16
QUESTION = make_record("Fog again?", post_id=THREAD, thread_id=THREAD, language="en")
ANSWER = make_record(
    "Ja, <email>!",
    post_id=6 << 16,
    thread_id=THREAD,
    parent_id=THREAD,
    language="de",
    subject=UUID(int=8),
    redactions=(Redaction("email", 4, 11),),
    consent_position=9,
)
THANKS = make_record("Thanks", post_id=7 << 16, thread_id=THREAD, language="en")
MESSAGES = [(QUESTION, None), (ANSWER, 0), (THANKS, 1)]


def test_a_thread_is_a_list_of_messages():
    row = to_conversation(MESSAGES, PSEUDONYMS)
    assert list(row) == CONVERSATIONS_SCHEMA.names
    assert row["id"] == PSEUDONYMS.thread(THREAD)
    assert row["languages"] == ["de", "en"]
    assert row["authors"] == 2
    assert row["safety"] is None
    assert row["messages"][1] == {
        "role": "user",
        "name": PSEUDONYMS.author(UUID(int=8)),
        "content": "Ja, <email>!",
        "id": PSEUDONYMS.row(6 << 16),
        "reply_to": 0,
        "lang": "de",
        "created_at": "2026-03-01T00:00:00.000Z",
        "redactions": [{"kind": "email", "start": 4, "end": 11}],
        "consent": {"reference": PSEUDONYMS.consent(9), "notice": "pretraining/1"},
    }
    assert [message["reply_to"] for message in row["messages"]] == [None, 0, 1]
    assert {message["role"] for message in row["messages"]} == {"user"}


def test_people_and_rows_have_the_names_of_the_posts():
    post = to_row(ANSWER, PSEUDONYMS, parent_kept=True)
    row = to_conversation(MESSAGES, PSEUDONYMS)
    message = row["messages"][1]
    assert (message["id"], message["name"], row["id"]) == (
        post["id"],
        post["author"],
        post["thread"],
    )


@pytest.mark.parametrize(
    ("labels", "worst"),
    [
        ([("none", 0.9), ("none", 1.0)], ("none", 1.0)),
        ([("none", 1.0), ("profane", 0.25)], ("profane", 0.25)),
        ([("profane", 0.25), None, ("profane", 0.75)], ("profane", 0.75)),
        ([None, ("none", 0.5)], ("none", 0.5)),
    ],
)
def test_the_worst_label_speaks_for_all(labels, worst):
    records = [
        THANKS._replace(safety=None if label is None else Safety(*label)) for label in labels
    ]
    row = to_conversation([(record, None) for record in records], PSEUDONYMS)
    assert (row["safety"]["label"], row["safety"]["score"]) == worst


def test_nobody_speaks_in_an_empty_thread():
    with pytest.raises(ValueError, match="at least one"):
        to_conversation([], PSEUDONYMS)


def test_parquet_holds_the_same():
    rows = [to_conversation(MESSAGES, PSEUDONYMS), to_conversation(MESSAGES[:1], PSEUDONYMS)]
    content = write_shard([row_line(row) for row in rows], CONVERSATIONS_SCHEMA)[PARQUET]
    table = pq.read_table(BytesIO(content))
    assert table.schema.equals(CONVERSATIONS_SCHEMA)
    found = table.to_pylist()
    for row in found:
        for message in row["messages"]:
            message["created_at"] = (
                message["created_at"].isoformat(timespec="milliseconds")[:23] + "Z"
            )
    assert found == orjson.loads(orjson.dumps(rows))
    columns = pq.read_metadata(BytesIO(content)).row_group(0)
    texts = [columns.column(number) for number in range(columns.num_columns)]
    assert [column.statistics for column in texts if column.path_in_schema.endswith("content")] == [
        None
    ]
