import unicodedata
from hashlib import sha256

import pytest
from hypothesis import given

from dataset_export.pipeline.duplicates import fingerprint

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
    ],
)
def test_fingerprint(one, other, same):
    assert (fingerprint(one) == fingerprint(other)) is same


def test_it_is_the_hash_of_the_folded_text():
    assert fingerprint("  Good\u3000MORNING ") == sha256(b"good morning").digest()[:16]


@given(hostile_text)
def test_whitespace_around_and_width_never_matter(text):
    assert len(fingerprint(text)) == 16
    assert fingerprint(f"\n {text}\t") == fingerprint(text)
    assert fingerprint(unicodedata.normalize("NFKC", text)) == fingerprint(text)
