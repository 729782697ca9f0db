import gzip
import json

import pytest

from demo.jsonl_reader import (
    InvalidLineError,
    Line,
    UnreadableFileError,
    count_lines,
    parse,
    read_jsonl,
)
from posts.forms.compose import MAXIMUM_CHARACTERS


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"text": "Bread"}', Line("Bread", "")),
        (b'{"text": "Bread", "lang": null, "id": 7, "source": {"a": [1]}}\r\n', Line("Bread", "")),
        (b'{"text": "Brot", "lang": "de"}', Line("Brot", "de")),
        ('{"text": "麵包", "lang": "zh-Hant-TW"}'.encode(), Line("麵包", "zh-Hant-TW")),
        (rb'{"text": " \ud83c\udf5e\r\nfresh \n"}', Line("🍞\nfresh", "")),
        (
            json.dumps({"text": "x" * MAXIMUM_CHARACTERS}).encode(),
            Line("x" * MAXIMUM_CHARACTERS, ""),
        ),
    ],
)
def test_a_line_that_is_a_post(line, expected):
    assert parse(line) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\n", "empty line"),
        (b"not json\n", "no valid JSON"),
        (b'{"text": "cut off', "no valid JSON"),
        (b'{"text": "caf\xe9"}', "no valid JSON"),
        (rb'{"text": "half a pair: \ud83c"}', "surrogate"),
        (b"[" * 5000, "no valid JSON"),
        (b'["text"]', "no JSON object"),
        (b"17", "no JSON object"),
        (b"null", "no JSON object"),
        (b"{}", 'no "text"'),
        (b'{"text": null}', 'no "text"'),
        (b'{"text": 5}', '"text" is no string'),
        (b'{"text": ["a"]}', '"text" is no string'),
        (b'{"text": ""}', '"text" is empty'),
        (rb'{"text": " \n\t"}', '"text" is empty'),
        (rb'{"text": "a\u0000b"}', '"text" holds a NUL character'),
        (
            json.dumps({"text": "x" * (MAXIMUM_CHARACTERS + 1)}).encode(),
            "10,001 characters; 10,000 are allowed",
        ),
        (b'{"text": "a", "lang": "not a tag"}', "\"lang\" is no language tag: 'not a tag'"),
        (b'{"text": "a", "lang": "english-as-spoken-here"}', '"lang" is no language tag'),
        (b'{"text": "a", "lang": "d"}', '"lang" is no language tag'),
        (b'{"text": "a", "lang": 5}', '"lang" is no language tag'),
    ],
)
def test_a_line_that_is_none(line, reason):
    with pytest.raises(InvalidLineError) as bad:
        parse(line)
    assert reason in str(bad.value)


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.jsonl.gz", "posts"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_gzip_is_known_by_its_content(tmp_path, name, pack):
    path = tmp_path / name
    path.write_bytes(pack(b"one\ntwo\nthree"))
    if name.endswith(".gz") and pack is bytes:
        with pytest.raises(UnreadableFileError, match="no whole gzip file"):
            list(read_jsonl(path))
    else:
        assert list(read_jsonl(path)) == [b"one\n", b"two\n", b"three"]


def test_lines_are_counted_no_further_than_asked(tmp_path):
    path = tmp_path / "posts.jsonl"
    path.write_bytes(b"a\n" * 10)
    assert (count_lines(path, None), count_lines(path, 4), count_lines(path, 40)) == (10, 4, 10)
