import unicodedata
from hashlib import sha256

import pytest
from hypothesis import given

from dataset_export.pipeline.dedup.exact import fingerprint

from .strategies import hostile_text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Good morning", "good   MORNING\n", True),
        ("Straße", "STRASSE", True),
        ("ＧＯＯＤ", "good", True),
        ("café", "cafe\u0301", True),
        ("We won 3-1", "We won 2-0", False),
        ("Good morning", "Good morning!", False),
        ("café", "cafe", False),
        ("to day", "today", False),
        ("👍🏽", "👍", False),
        ("𝐆𝐨𝐨𝐝", "good", True),
        ("ﬁne", "fine", True),
        ("x²", "x2", False),
        ("10²", "102", False),
        ("10₂", "102", False),
        ("xⁿ", "xn", False),
        ("1½", "11⁄2", False),
        ("10①", "101", False),
        ("Foo™", "FooTM", False),
        ("C++", "C", False),
        ("a ≠ b", "a = b", False),
    ],
)
def test_fingerprint(one, other, same):
    assert (fingerprint(one) == fingerprint(other)) is same


WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def test_it_is_the_hash_of_the_folded_text():
    assert fingerprint("  Good\u3000MORNING ") == sha256(b"good morning").digest()[:16]


@given(hostile_text)
def test_whitespace_around_and_width_never_matter(text):
    assert len(fingerprint(text)) == 16
    assert fingerprint(f"\n {text}\t") == fingerprint(text)
    assert fingerprint(unicodedata.normalize("NFC", text)) == fingerprint(text)
    assert fingerprint(text.translate(WIDE)) == fingerprint(text)
