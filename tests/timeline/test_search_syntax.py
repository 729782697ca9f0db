"""What is typed into the search field, and what it is read as."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.search.syntax import EXAMPLES, LONGEST, MOST_PARTS, OPERATORS, Author, Mark, Words, read

TODAY = date(2026, 11, 27)


def day(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "wanted", "unwanted"),
    [
        ("bread", [[Words("bread", True)]], []),
        ("rye", [[Words("rye")]], []),
        ("ry*", [[Words("ry*", True)]], []),
        ("r*", [[Words("r*")]], []),
        ("책상", [[Words("책상", True)]], []),
        ("bread -butter", [[Words("bread", True)]], [Words("butter")]),
        ('"cold butter"', [[Words("cold butter")]], []),
        ("“cold butter” „x“", [[Words("cold butter")], [Words("x")]], []),
        ('bread -"cold butter"', [[Words("bread", True)]], [Words("cold butter")]),
        ('"never closed', [[Words("never closed")]], []),
        ("#Bread", [[Mark("#Bread")]], []),
        ("#", None, []),
        ("#col·lecció #דו־קיום", [[Mark("#col·lecció")], [Mark("#דו־קיום")]], []),
        ("x -#スター・ウォーズ", [[Words("x")]], [Mark("#スター・ウォーズ")]),
        ("#bread-butter", [[Mark("#bread")], [Words("-butter", True)]], []),
        ("#12 a#b", [[Words("#12")], [Words("a#b")]], []),
        ("from:@Ana", [[Author("ana")]], []),
        ("from:ana from:ben", [[Author("ana"), Author("ben")]], []),
        ("x -from:ana", [[Words("x")]], [Author("ana")]),
        ("FROM:ana", [[Author("ana")]], []),
        ("mentions:ana", [[Mark("@ana")]], []),
        ("has:link has:Polls", [[Mark("has=link")], [Mark("has=poll")]], []),
        ("is:reply", [[Mark("is=reply")]], []),
        ("lang:de-AT lang:en", [[Mark("lang=de"), Mark("lang=en")]], []),
        ("https://example.org/a", [[Words("https://example.org/a", True)]], []),
        ("12:30", [[Words("12:30", True)]], []),
        ("- bread !!! -", [[Words("bread", True)]], []),
    ],
)
def test_what_is_read(typed, wanted, unwanted):
    query = read(typed, TODAY)
    assert query.wanted == (wanted or [])
    assert query.unwanted == unwanted
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
    query = read(typed, TODAY)
    assert (query.since, query.until, query.problems) == (since, until, [])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("from: ana", "right after from: without a blank, such as from:ana"),
        ("from:a-b", "is no name"),
        ("has:cats", "media, poll or link"),
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
        ("a" * (LONGEST + 1), "too long"),
        ("a " * (MOST_PARTS + 1), "too much at once"),
    ],
)
def test_what_is_wrong_is_said(typed, said):
    (problem,) = read(typed, TODAY).problems
    assert said in problem


def test_a_filter_with_a_slip_is_pointed_out_and_looked_for_as_a_word():
    query = read("form:ana", TODAY)
    assert query.wanted == [[Words("form:ana", True)]]
    assert "from:?" in query.hints[0]
    assert read("https://example.org 12:30 note:x", TODAY).hints == []


def test_nothing_typed_is_nothing_wrong():
    assert read(" \n ", TODAY).is_blank
    assert read("\x00", TODAY).problems == []


def test_every_filter_has_an_example_that_works():
    assert EXAMPLES.keys() == OPERATORS.keys()
    for example in EXAMPLES.values():
        assert not read(f"x {example}", TODAY).problems


SIGNS = st.sampled_from(
    [*(f"{name}:" for name in OPERATORS), "-", '"', "#", "@", "*", "(", "'", "\\", ":", "&", "|", "!", "<->", "%s", " "]
)


@given(st.lists(st.one_of(SIGNS, st.text(max_size=5)), max_size=20).map("".join))
def test_whatever_is_typed_is_read(typed):
    query = read(typed, TODAY)
    assert query.problems or query.wanted or query.in_library or query.is_blank
    assert query.words is not None
