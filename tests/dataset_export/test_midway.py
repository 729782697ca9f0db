"""A withdrawal while a file is on its way."""

import pytest

from dataset_export.delivery import Span
from dataset_export.models import Shard, ShardPart
from dataset_export.models.shard import PART_BYTES
from dataset_export.serving import PARTS_BETWEEN_CHECKS, NoLongerServed, stream_while_served
from tests.dataset_export.snapshots import published
from tests.factories import grant, post, withdraw


@pytest.fixture
def large_file(alice) -> Shard:
    """A published file whose bytes fill many parts."""
    post(alice)
    grant(alice)
    shard = published().shards.get(format="parquet")
    shard.parts.all().delete()
    count = 3 * PARTS_BETWEEN_CHECKS
    ShardPart.objects.bulk_create(ShardPart(shard=shard, number=n, data=bytes(PART_BYTES)) for n in range(count))
    shard.size = count * PART_BYTES
    shard.save()
    return shard


def test_a_file_breaks_off_when_somebody_says_no(large_file, alice):
    stream = stream_while_served(large_file, Span(0, large_file.size))
    sent = len(next(stream))
    withdraw(alice)
    with pytest.raises(NoLongerServed):
        for data in stream:
            sent += len(data)
    assert sent <= PARTS_BETWEEN_CHECKS * PART_BYTES


def test_a_file_that_may_be_served_arrives_whole(large_file):
    stream = stream_while_served(large_file, Span(0, large_file.size))
    assert sum(map(len, stream)) == large_file.size
