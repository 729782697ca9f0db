import pytest

from accounts.services import follow
from common import heartbeat
from dataset_export.services import create_token
from tests.dataset_export.snapshots import published
from tests.factories import grant, person, post


@pytest.fixture
def world(alice, bob, charlie) -> dict[str, object]:
    """What the addresses name, by the names in their patterns."""
    follow(follower=bob, followed=alice)
    grant(alice)
    post(alice, "For everyone")
    secret = post(alice, "For followers", visibility="followers")
    made = published("words", by=person("maker"))
    create_token(user=alice, name="laptop")
    heartbeat.beat()
    return {
        "post": secret.pk,
        "token": alice.access_tokens.get().pk,
        "file": made.shards.get(format="jsonl").path,
        "snapshot": made.pk,
        "alice": alice.pk,
    }
