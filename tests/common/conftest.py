import pytest

from accounts.services import create_token, follow
from common import heartbeat
from consent.log.checkpoints import sign_checkpoint
from consent.services import decide_in_bulk
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import published
from tests.factories import grant, person, post


@pytest.fixture
def world(alice, bob, charlie) -> dict[str, object]:
    """What the addresses name, by the names in their patterns."""
    follow(follower=bob, followed=alice)
    decision = grant(alice)
    post(alice, "For everyone #bread")
    secret = post(alice, "For followers", visibility="followers")
    made = published("words", by=person("maker"))
    create_token(user=alice, name="laptop")
    bulk = decide_in_bulk(user=alice, post_ids=[secret.pk], choice="never", description="One post")
    access = granted(alice)
    sign_checkpoint()
    heartbeat.beat()
    return {
        "post": secret.pk,
        "token": alice.access_tokens.get().pk,
        "file": made.shards.get(format="jsonl").path,
        "snapshot": made.pk,
        "position": decision.position,
        "bulk": bulk.pk,
        "access": access.pk,
        "alice": alice.pk,
    }
