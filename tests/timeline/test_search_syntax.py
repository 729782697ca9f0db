"""What is typed into the search field, and what it is read as."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.search.parser import (
    EXAMPLES,
    MAX_QUERY_LENGTH,
    MAX_TERMS,
    OPERATORS,
    Author,
    Facet,
    Phrase,
    parse_query,
)

TODAY = date(2026, 11, 27)


def day(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "wanted", "excluded_terms"),
    [
        ("bread", [[Phrase("bread", True)]], []),
        ("rye", [[Phrase("rye")]], []),
        ("ry*", [[Phrase("ry*", True)]], []),
        ("r*", [[Phrase("r*")]], []),
        ("책상", [[Phrase("책상", True)]], []),
        ("bread -butter", [[Phrase("bread", True)]], [Phrase("butter")]),
        ('"cold butter"', [[Phrase("cold butter")]], []),
        ("“cold butter” „x“", [[Phrase("cold butter")], [Phrase("x")]], []),
        ('bread -"cold butter"', [[Phrase("bread", True)]], [Phrase("cold butter")]),
        ('"never closed', [[Phrase("never closed")]], []),
        ("#Bread", [[Facet("#Bread")]], []),
        ("#", None, []),
        ("#col·lecció #דו־קיום", [[Facet("#col·lecció")], [Facet("#דו־קיום")]], []),
        ("x -#スター・ウォーズ", [[Phrase("x")]], [Facet("#スター・ウォーズ")]),
        ("#bread-butter", [[Facet("#bread")], [Phrase("-butter", True)]], []),
        ("#12 a#b", [[Phrase("#12")], [Phrase("a#b")]], []),
        ("from:@Ana", [[Author("ana")]], []),
        ("from:ana from:ben", [[Author("ana"), Author("ben")]], []),
        ("x -from:ana", [[Phrase("x")]], [Author("ana")]),
        ("FROM:ana", [[Author("ana")]], []),
        ("mentions:ana", [[Facet("@ana")]], []),
        ("has:link has:Polls", [[Facet("has=link")], [Facet("has=poll")]], []),
        ("is:reply", [[Facet("is=reply")]], []),
        ("lang:de-AT lang:en", [[Facet("lang=de"), Facet("lang=en")]], []),
        ("https://example.org/a", [[Phrase("https://example.org/a", True)]], []),
        ("12:30", [[Phrase("12:30", True)]], []),
        ("- bread !!! -", [[Phrase("bread", True)]], []),
    ],
)
def test_what_is_read(typed, wanted, excluded_terms):
    query = parse_query(typed, TODAY)
    assert query.wanted == (wanted or [])
    assert query.excluded_terms == excluded_terms
    assert bool(query.problems) == (wanted is None)


@pytest.mark.parametrize(
    ("typed", "since", "until"),
    [
        ("x before:2026-11-03", None, day(2026, 11, 3)),
        ("x after:2026-11-03", day(2026, 11, 4), None),
        ("x during:2026-11-03", day(2026, 11, 3), day(2026, 11, 4)),
        ("x during:2026-12", day(2026, 12, 1), day(2027, 1, 1)),
        ("x during:2026", day(2026, 1, 1), day(2027, 1, 1)),
        ("x after:2026-1 before:2026-3", day(2026, 2, 1), day(2026, 3, 1)),
        ("x during:today", day(2026, 11, 27), day(2026, 11, 28)),
        ("x before:yesterday", None, day(2026, 11, 26)),
    ],
)
def test_times(typed, since, until):
    query = parse_query(typed, TODAY)
    assert (query.since, query.until, query.problems) == (since, until, [])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("from: ana", "right after from: without a blank, such as from:ana"),
        ("from:a-b", "is no name"),
        ("has:cats", "has:media, has:poll or has:link"),
        ("is:good", "goes reply"),
        ("lang:german", "short code"),
        ("in:here", "in:library"),
        ("x before:soon", "is no date"),
        ("x before:2026-02-30", "is no date"),
        ("x before:9999", "is no date"),
        ("x -during:2026", "There is no -during:"),
        ("x after:2026 before:2026", "change the dates"),
        ("-bread", "not only what to leave out"),
        ("during:2026", "Add a word"),
        ("!!!", "nothing in this"),
        ("a" * (MAX_QUERY_LENGTH + 1), "too long"),
        ("a " * (MAX_TERMS + 1), "too much at once"),
    ],
)
def test_what_is_wrong_is_said(typed, said):
    (problem,) = parse_query(typed, TODAY).problems
    assert said in problem


def test_a_filter_with_a_slip_is_pointed_out_and_looked_for_as_a_word():
    query = parse_query("form:ana", TODAY)
    assert query.wanted == [[Phrase("form:ana", True)]]
    assert "from:?" in query.hints[0]
    assert parse_query("https://example.org 12:30 note:x", TODAY).hints == []


def test_nothing_typed_is_nothing_wrong():
    assert parse_query(" \n ", TODAY).is_blank
    assert parse_query("\x00", TODAY).problems == []


def test_every_filter_has_an_example_that_works():
    assert EXAMPLES.keys() == OPERATORS.keys()
    for example in EXAMPLES.values():
        assert not parse_query(f"x {example}", TODAY).problems


SIGNS = st.sampled_from(
    [
        *(f"{name}:" for name in OPERATORS),
        "-",
        '"',
        "#",
        "@",
        "*",
        "(",
        "'",
        "\\",
        ":",
        "&",
        "|",
        "!",
        "<->",
        "%s",
        " ",
    ]
)


@given(st.lists(st.one_of(SIGNS, st.text(max_size=5)), max_size=20).map("".join))
def test_whatever_is_typed_is_read(typed):
    query = parse_query(typed, TODAY)
    assert query.problems or query.wanted or query.in_library or query.is_blank
    assert query.words is not None
