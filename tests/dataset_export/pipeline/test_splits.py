from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_export.pipeline.splits import split_of

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
threads = st.integers(0, 2**63 - 1)


@pytest.mark.parametrize(
    ("thread_id", "split"),
    [
        (0, "train"),
        (1, "train"),
        (115816896921600000, "test"),
        (115816896921665537, "train"),
        (115816896921731074, "validation"),
        (115816896922058753, "validation"),
        (115816896922648577, "validation"),
        (115816896923500546, "test"),
        (115816896924614657, "test"),
    ],
)
def test_a_thread_keeps_its_split_for_ever(thread_id, split):
    assert split_of(thread_id, SHARES) == split


def test_shares_are_kept():
    splits = Counter(split_of(number << 16, SHARES) for number in range(20_000))
    assert splits["test"] == pytest.approx(2000, abs=200)
    assert splits["validation"] == pytest.approx(2000, abs=200)
    assert splits.total() == 20_000


@given(threads, st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0, 0.5))
def test_what_is_held_out_stays_so_when_shares_grow(
    thread_id, test, validation, more_test, more_validation
):
    before = split_of(thread_id, {"test": test, "validation": validation})
    after = split_of(
        thread_id, {"test": max(test, more_test), "validation": max(validation, more_validation)}
    )
    assert before in ("train", after)


@given(threads)
def test_the_ends_of_the_range(thread_id):
    assert split_of(thread_id, {}) == "train"
    assert split_of(thread_id, {"train": 1.0}) == "train"
    assert split_of(thread_id, {"test": 1.0}) == "test"
    assert split_of(thread_id, {"validation": 1.0}) == "validation"
