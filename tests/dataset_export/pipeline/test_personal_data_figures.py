"""The counting of the benchmark, and that its marks hold."""

import pytest

from benchmarks.personal_data import LABELLED, PRECISION, RECALL, STRUCTURED, Tally, read
from benchmarks.personal_data_examples import Example, Span, made_up

STRUCTURED_KINDS = set(STRUCTURED.values())


def test_made_up_examples_are_found_and_nothing_else_is():
    tally = Tally(made_up())
    assert set(tally.wanted) == {*STRUCTURED_KINDS, "address", "name"}
    assert tally.recall(STRUCTURED_KINDS | {"address"}) == 1
    assert tally.precision(STRUCTURED_KINDS | {"address"}) == 1
    assert tally.recall({"name"}) == 0


def test_marks_of_an_example_are_taken_out():
    first = made_up()[0]
    assert first.text == "Write to jo.smith+news@example.org before noon."
    assert first.spans == [Span("EMAIL_ADDRESS", 9, 34)]


def test_another_kind_or_another_place_is_neither_found_nor_right():
    text = "jo@example.org and ana@example.org"
    tally = Tally(
        [
            Example(
                text,
                [Span("PHONE_NUMBER", 0, 14), Span("EMAIL_ADDRESS", 19, 34), Span("GPE", 15, 18)],
            )
        ]
    )
    assert (tally.recall({"email"}), tally.recall({"phone"}), tally.precision({"email"})) == (
        1,
        0,
        0.5,
    )
    assert tally.recall({"email", "phone"}) == 0.5


@pytest.mark.shared
@pytest.mark.skipif(not LABELLED.exists(), reason="the labelled set is not beside the checkout")
def test_marks_hold_on_the_labelled_set():
    tally = Tally(read(LABELLED))
    assert tally.recall(STRUCTURED_KINDS) >= RECALL
    assert tally.precision(STRUCTURED_KINDS) >= PRECISION
    assert tally.precision({"address"}) >= PRECISION
