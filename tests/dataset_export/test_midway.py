"""A withdrawal, or the end of access, while a file is on its way."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import User
from dataset_export.access.services import revoke_access
from dataset_export.delivery import http
from dataset_export.delivery.http import ServingRevokedError, begun, stream_with_revocation_checks
from dataset_export.erasure.services import erase_revoked
from dataset_export.models import AccessRequest, Shard, ShardChunk
from dataset_export.models.shard import PART_BYTES
from dataset_export.publication.services import withdraw_snapshot
from dataset_export.removals.announce import announce
from dataset_export.storage.shard_reader import ByteRange
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import bearer, published
from tests.factories import grant, person, post, withdraw

PARTS = 8


@pytest.fixture
def large_file(alice) -> Shard:
    """A published file whose bytes fill many parts."""
    post(alice)
    grant(alice)
    shard = published().shards.get(format="parquet")
    shard.chunks.all().delete()
    ShardChunk.objects.bulk_create(
        ShardChunk(shard=shard, number=n, data=bytes(PART_BYTES)) for n in range(PARTS)
    )
    shard.size = PARTS * PART_BYTES
    shard.save()
    return shard


@pytest.fixture
def access(large_file) -> AccessRequest:
    return granted(person("reader"))


@pytest.fixture
def slow_reader(large_file, access, monkeypatch) -> Iterator[bytes]:
    """A download by somebody to whom each part takes longer than an answer may be old."""
    monkeypatch.setattr(http, "SECONDS_BETWEEN_CHECKS", 0)
    monkeypatch.setattr(http, "CHECK_BACKOFF_FACTOR", 0)
    return stream_with_revocation_checks(large_file, ByteRange(0, large_file.size), access)


ENDINGS = {
    "somebody says no": lambda alice, shard, access: withdraw(alice),
    "the dataset is taken back": lambda alice, shard, access: withdraw_snapshot(
        snapshot=shard.snapshot
    ),
    "access is revoked": lambda alice, shard, access: revoke_access(
        request=access, by=person(), reason="Passed on."
    ),
    "the account is closed": lambda alice, shard, access: User.objects.filter(
        pk=access.user_id
    ).update(is_active=False),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_slow_reader_gets_no_further_part(slow_reader, large_file, access, alice, ending):
    assert len(next(slow_reader)) == PART_BYTES
    ENDINGS[ending](alice, large_file, access)
    with pytest.raises(ServingRevokedError):
        next(slow_reader)


def test_whoever_got_a_row_is_told_however_late_it_was_noted(alice, monkeypatch):
    """The row is erased once it began to go out, and before that is noted."""
    post(alice)
    grant(alice)
    file = published().shards.get(format="parquet")
    access = granted(person("reader"))

    def begin(pieces: Iterator[bytes]) -> Iterator[bytes]:
        answer = begun(pieces)
        withdraw(alice)
        erase_revoked()
        return answer

    monkeypatch.setattr(http, "begun", begin)
    program = Client(headers=bearer(access.user))
    assert program.get(f"/api/v1/datasets/words/files/{file.path}").status_code == 200
    (change,) = announce()
    assert change.notices.get().user == access.user


def test_a_fast_reader_does_not_have_it_asked_for_each_part(
    large_file, access, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(http, "SECONDS_BETWEEN_CHECKS", 60)
    # The parts themselves are read past Django, which counts what it sends.
    with django_assert_num_queries(0):
        sent = list(
            stream_with_revocation_checks(large_file, ByteRange(0, large_file.size), access)
        )
    assert len(sent) == PARTS


def test_a_file_that_may_be_served_arrives_whole(slow_reader, large_file):
    assert sum(map(len, slow_reader)) == large_file.size
