import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_export.pipeline.recipe import PRETRAINING_DEFAULT as DEFAULT
from dataset_export.pipeline.recipe import RecipeSpec
from dataset_export.pipeline.records import Dropped
from dataset_export.pipeline.runner import StepError, run_pipeline

from .factories import PSEUDONYMS, make_record
from .strategies import hostile_text

STEPS = RecipeSpec.parse(DEFAULT).build(PSEUDONYMS)


class Shout:
    name = "shout"

    def __call__(self, record):
        return record.rewritten(record.text.upper())


class Refuse:
    name = "refuse"

    def __call__(self, record):
        return Dropped("odd") if record.post_id % 2 else record


class Break:
    name = "break"

    def __call__(self, record):
        raise KeyError(record.text)


def test_steps_run_in_order_and_account_for_everything():
    records = [
        make_record("loud", post_id=1),
        make_record("loud", post_id=2),
        make_record("LOUD", post_id=4),
    ]
    batch = run_pipeline([Shout(), Refuse()], records)
    assert [(record.post_id, record.text) for record in batch.kept] == [(2, "LOUD"), (4, "LOUD")]
    assert batch.dropped == {("refuse", "odd"): 1}
    assert batch.drops == [(1, "refuse", "odd")]
    assert batch.changed == {"shout": 2}
    assert batch.changes == [(1, "shout"), (2, "shout")]
    assert batch.candidates == 3


def test_a_dropped_record_goes_no_further():
    batch = run_pipeline([Refuse(), Break()], [make_record(post_id=3)])
    assert batch.drops == [(3, "refuse", "odd")]


def test_a_failure_names_post_and_step_but_not_the_text():
    with pytest.raises(StepError, match="step break failed on post 8: KeyError") as caught:
        run_pipeline([Break()], [make_record("secret words", post_id=8)])
    assert (caught.value.post_id, caught.value.step) == (8, "break")
    assert "secret" not in str(caught.value)


def test_nothing_gives_nothing():
    assert run_pipeline(STEPS, []).candidates == 0


@given(
    st.lists(
        st.builds(
            make_record,
            hostile_text,
            post_id=st.integers(0, 2**63 - 1),
            language=st.sampled_from(["", "en", "de-AT", "xx", "und", "@"]),
            authorship=st.sampled_from(["human", "assisted", "automated"]),
            consent_position=st.none() | st.integers(0, 9),
        ),
        max_size=8,
    )
)
def test_nothing_is_dropped_in_silence(records):
    batch = run_pipeline(STEPS, records)
    assert len(batch.kept) + batch.dropped.total() == len(records)
    assert all(
        record.consent_position is not None and record.authorship == "human"
        for record in batch.kept
    )
    assert sorted(
        [record.post_id for record in batch.kept] + [post for post, _, _ in batch.drops]
    ) == sorted(record.post_id for record in records)
    for record in batch.kept:
        record.text.encode()
