from uuid import uuid4

import pytest

from accounts.models import FollowRequest
from accounts.services import create_list, create_token, follow, set_list_memberships
from common import heartbeat
from config.queues import QUEUES
from consent.services import decide_in_bulk
from consent.transparency_log.checkpoints import sign_checkpoint
from posts.models import KeywordFilter
from posts.services import ComposerState, PollDraft, PostInput, publish_post, save_draft
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import published
from tests.factories import grant, person, post
from tests.pictures import developed


@pytest.fixture
def world(alice, bob, charlie) -> dict[str, object]:
    """What the addresses name, by the names in their patterns."""
    follow(follower=bob, followed=alice)
    decision = grant(alice)
    open_to_all = post(alice, "For everyone #bread")
    secret = post(alice, "For followers", visibility="followers")
    made = published("words", by=person("maker"))
    create_token(user=alice, name="laptop")
    bulk = decide_in_bulk(user=alice, post_ids=[secret.pk], choice="never", description="One post")
    access = granted(alice)
    draft = save_draft(author=alice, written=ComposerState(uuid4(), {"text": "Begun"}))
    people_list = create_list(owner=alice, title="Friends", replies="list", is_exclusive=False)
    set_list_memberships(owner=alice, member=bob, lists=[people_list.pk])
    waiting = FollowRequest.objects.create(follower=charlie, followed=alice)
    sign_checkpoint()
    picture, shown = developed(alice), developed(alice)
    publish_post(author=alice, draft=PostInput("Look", media_ids=(shown.pk,)))
    for queue in QUEUES:
        heartbeat.record_heartbeat(queue)
    return {
        "post": secret.pk,
        "token": alice.access_tokens.get().pk,
        "file": made.shards.get(format="jsonl").path,
        "snapshot": made.pk,
        "position": decision.position,
        "bulk": bulk.pk,
        "access": access.pk,
        "draft": draft.pk,
        "alice": alice.pk,
        "list": people_list.pk,
        "filter": KeywordFilter.objects.create(user=alice, phrase="spoiler", pattern="spoiler").pk,
        "follow_request": waiting.pk,
        "poll": post(
            alice, "Which?", visibility="followers", poll=PollDraft(("This", "That"), hours=1)
        ).pk,
        "reply": post(bob, "Bob answers", reply_to=open_to_all).pk,
        "quote": post(bob, "Bob quotes", quote_of=open_to_all).pk,
        "picture": picture.pk,
        "picture_file": shown.url.removeprefix("/media/"),
        "draft_picture": picture.url.removeprefix("/media/"),
    }
