import pytest

from dataset_export.pipeline.records import Dropped
from dataset_export.pipeline.steps.authorship import Authorship
from dataset_export.pipeline.steps.consent import Consent

from .factories import make_record


@pytest.mark.parametrize(
    ("position", "reason"),
    [(None, "no_consent"), (0, None), (41, None)],
)
def test_consent_is_asserted(position, reason):
    record = make_record(consent_position=position)
    assert Consent()(record) == (Dropped(reason) if reason else record)


@pytest.mark.parametrize(
    ("authorship", "allow", "reason"),
    [
        ("human", {"human"}, None),
        ("assisted", {"human"}, "not_human"),
        ("automated", {"human"}, "not_human"),
        ("assisted", {"human", "assisted"}, None),
        ("", {"human"}, "not_human"),
        ("Human", {"human"}, "not_human"),
    ],
)
def test_authorship(authorship, allow, reason):
    record = make_record(authorship=authorship)
    assert Authorship(frozenset(allow))(record) == (Dropped(reason) if reason else record)
