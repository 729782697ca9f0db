"""Texts that readers take for the same are folded to the same, in Python as in PostgreSQL."""

import unicodedata

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.text_folding import fold_accents, fold_text


def fold_in_database(function: str, texts: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {function}(one) FROM unnest(%s::text[]) WITH ORDINALITY AS of (one, n) ORDER BY n",
            [texts],
        )
        return [folded for (folded,) in cursor.fetchall()]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("straße", "STRASSE"),
        ("istanbul", "İstanbul"),
        ("ISTANBUL", "ıstanbul"),
        ("ＡＩ", "ai"),
        ("ｾﾝｷｮ", "センキョ"),
        ("ｶﾞ", "ガ"),
        ("cafe\u0301", "CAFÉ"),
        ("ﬁn", "FIN"),
        ("각", "\u1100\u1161\u11a8"),
        ("j'ai", "J’AI"),
        ("jʼai", "j＇ai"),
        ("j´ai", "j‘ai"),
        ("צה״ל", 'צה"ל'),
        ("سـلام", "سَلام"),
        ("می\u200cروم", "میروم"),
        ("col·lecció", "COĿLECCIÓ"),
    ],
)
def test_fold_text_of_the_same_letters_is_equal(one, other):
    assert fold_text(one) == fold_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("schon", "schön"), ("は", "ば"), ("か", "カ"), ("कर", "कर्"), ("דו־קיום", "דוקיום")],
)
def test_fold_text_of_other_letters_differs(one, other):
    assert fold_text(one) != fold_text(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Ærøskøbing", "aeroskobing"), ("ёлка", "ЕЛКА"), ("Łódź", "lodz")]
)
def test_fold_accents_of_the_same_plain_letters_is_equal(one, other):
    assert fold_accents(one) == fold_accents(other)


@pytest.mark.parametrize(
    ("function", "fold"),
    [("common_fold_text", fold_text), ("search_normalize", fold_accents)],
    ids=["text", "accents"],
)
def test_fold_of_every_character_is_that_of_the_database(db, function, fold):
    """Of those that the Unicode of this Python knows."""
    points = (chr(point) for point in range(1, 0x110000))
    known = [point for point in points if unicodedata.category(point) not in ("Cn", "Cs")]
    folded = fold_in_database(function, known)
    assert [one for one, got in zip(known, folded, strict=True) if fold(one) != got] == []
    assert [one for one in folded if fold(one) != one] == []


CHARACTERS = st.one_of(
    st.sampled_from("iİıIſẞßŉ'’ʼ´é\u0301\u0307\u0323\u0345\u200d\u05b0\u064bガｶﾞ각ﷺ· "),
    st.characters(
        exclude_categories=("Cn", "Cs"), exclude_characters="\x00", max_codepoint=0x1FFFF
    ),
)


@given(st.lists(st.text(CHARACTERS, max_size=12), min_size=20, max_size=20))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_fold_of_any_text_is_that_of_the_database(db, texts):
    texts = [text for text in texts if all(unicodedata.category(one) != "Cn" for one in text)]
    assert fold_in_database("common_fold_text", texts) == [fold_text(text) for text in texts]
    assert fold_in_database("search_normalize", texts) == [fold_accents(text) for text in texts]
