from dataclasses import asdict

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_export.pipeline.conversations import to_conversation
from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.records import Redaction, Safety
from dataset_export.pipeline.rows import to_row
from dataset_export.pipeline.summary import LENGTHS, Summary, length_class
from dataset_export.pipeline.text_length import estimated_tokens

from .factories import make_record

PSEUDONYMS = Pseudonyms(bytes(32))
RECORDS = [
    make_record("Fog", language="en"),
    make_record(
        "Nebel, <email>",
        language="de",
        notice="pretraining/2/de",
        redactions=(Redaction("email", 7, 14),),
    ),
    make_record("x" * 200, language="en", safety=Safety("none", 0.5)),
    make_record("霧が", language="ja", safety=Safety("profane", 0.75)),
]

records = st.builds(
    make_record,
    st.sampled_from(["Fog", "Nebel über dem Hafen", "霧"]),
    language=st.sampled_from(["en", "de", "ja"]),
    notice=st.sampled_from(["pretraining/1/en", "pretraining/2/de"]),
    safety=st.sampled_from([None, Safety("none", 0.5), Safety("profane", 0.25)]),
    redactions=st.sampled_from([(), (Redaction("email", 0, 1), Redaction("phone", 1, 2))]),
)


def test_it_counts_what_the_records_are_like():
    assert Summary.of(RECORDS, [1, 3, 1, 2]) == Summary(
        rows=4,
        characters=219,
        copied=2,
        copies=3,
        languages={"en": 2, "de": 1, "ja": 1},
        lengths={0: 2, 10: 1, 160: 1},
        tokens={"en": 51, "de": 4, "ja": 2},
        notices={"pretraining/1": 3, "pretraining/2": 1},
        redactions={"email": 1},
        safety={"none": 1, "profane": 1},
    )
    assert sum(Summary.of(RECORDS).tokens.values()) == sum(
        estimated_tokens(record.text) for record in RECORDS
    )


def test_without_counts_each_post_stands_for_itself():
    assert (Summary.of(RECORDS).copied, Summary.of(RECORDS).copies) == (0, 0)
    assert Summary.of([]) == Summary()


@given(st.lists(records, max_size=8))
def test_rows_have_the_summary_of_the_records_that_they_were_made_of(found):
    counts = list(range(1, len(found) + 1))
    rows = [
        to_row(record, PSEUDONYMS, False, count)
        for record, count in zip(found, counts, strict=True)
    ]
    assert Summary.of_rows(rows) == Summary.of(found, counts)


def test_a_conversation_counts_its_messages_and_one_label():
    row = to_conversation([(record, None) for record in RECORDS], PSEUDONYMS)
    of_records = asdict(Summary.of(RECORDS))
    assert asdict(Summary.of_rows([row, row])) == of_records | {
        "rows": 8,
        "characters": 438,
        "languages": {"en": 4, "de": 2, "ja": 2},
        "lengths": {0: 4, 10: 2, 160: 2},
        "tokens": {"en": 102, "de": 8, "ja": 4},
        "notices": {"pretraining/1": 6, "pretraining/2": 2},
        "redactions": {"email": 2},
        "safety": {"profane": 2},
    }


def test_a_count_for_each_record_or_none():
    with pytest.raises(ValueError, match="4 records, but 3 counts"):
        Summary.of(RECORDS, [1, 1, 1])


@given(st.lists(records, max_size=8), st.integers(0, 8))
def test_parts_add_up_to_the_whole(found, cut):
    counts = list(range(1, len(found) + 1))
    parts = [Summary.of(found[:cut], counts[:cut]), Summary.of(found[cut:], counts[cut:])]
    assert sum(parts, Summary()) == Summary.of(found, counts)


def test_it_survives_json():
    summary = Summary.of(RECORDS, [1, 3, 1, 2])
    assert Summary.from_json(orjson.loads(orjson.dumps(summary.to_json()))) == summary


@pytest.mark.parametrize(
    ("characters", "bound"),
    [(0, 0), (9, 0), (10, 10), (79, 40), (80, 80), (2559, 1280), (2560, 2560), (99_999, 2560)],
)
def test_length_class(characters, bound):
    assert length_class(characters) == bound
    assert bound in LENGTHS
