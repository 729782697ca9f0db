import codecs
import gzip
import io

import pytest

from common.text_files import TextEncodingError, iter_utf8_lines

TEXT = 'one\n{"text": "zwei \u00fc"}\n\u4e09\u2028rest\n'
LINES = [line.encode() + b"\n" for line in TEXT.split("\n")[:-1]]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_iter_utf8_lines_reads_every_mark_and_line_end(encode, ends):
    content = encode(TEXT.replace("\n", ends))
    assert list(iter_utf8_lines(io.BytesIO(content))) == LINES
    zipped = io.BufferedReader(gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(content))))
    assert list(iter_utf8_lines(zipped)) == LINES


@pytest.mark.parametrize("ends", [b"\n", b"\r"])
def test_iter_utf8_lines_leaves_a_bad_line_to_whoever_parses_it(ends):
    assert list(iter_utf8_lines(io.BytesIO(b"good" + ends + b"b\xe4d" + ends + b"good"))) == [
        b"good\n",
        b"b\xe4d\n",
        b"good",
    ]


def test_iter_utf8_lines_splits_mixed_line_ends():
    assert list(iter_utf8_lines(io.BytesIO(b"a\r\nb\rc\nd"))) == [b"a\n", b"b\n", b"c\n", b"d"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (TEXT.encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (TEXT.encode("utf-16-be"), "UTF-16 without a byte order mark"),
        ("whole".encode("utf-16") + b"\x00", "begins like UTF-16"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8\x41\x00", "begins like UTF-16"),
    ],
    ids=["little end first", "big end first", "half a unit", "half a pair"],
)
def test_iter_utf8_lines_refuses_a_file_whole_and_says_what_to_do(content, sentence):
    with pytest.raises(TextEncodingError, match=rf"{sentence}.*Save it as UTF-8\."):
        list(iter_utf8_lines(io.BytesIO(content)))


def test_iter_utf8_lines_of_nothing_yields_nothing():
    assert list(iter_utf8_lines(io.BytesIO(b""))) == []
    assert list(iter_utf8_lines(io.BytesIO(codecs.BOM_UTF8))) == []
