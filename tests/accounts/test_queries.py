"""Pages about other people take as many queries with twenty rows as with one."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import FollowRequest, User
from accounts.services import block, create_list, follow, mute, set_list_memberships
from tests.factories import person

ROWS = 20


def add_row(alice: User) -> None:
    """Add one row to each of the pages."""
    somebody = person()
    block(blocker=alice, blocked=person())
    mute(muter=alice, muted=somebody)
    FollowRequest.objects.create(follower=somebody, followed=alice)
    create_list(owner=alice, title="Friends", replies="list", is_exclusive=False)
    follow(follower=person(), followed=User.objects.get(username="bob"))
    follow(follower=User.objects.get(username="bob"), followed=person())
    set_list_memberships(
        owner=alice, member=somebody, lists=alice.people_lists.values_list("pk", flat=True)
    )


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured.captured_queries)


@pytest.mark.django_db
def test_lists_of_people_of_all_kinds(client, alice, bob):
    client.force_login(alice)
    add_row(alice)
    first = alice.people_lists.order_by("pk").first()
    pages = ["blocks", "mutes", "follow-requests"]
    addresses = [
        *(f"/settings/{page}" for page in pages),
        "/lists",
        f"/lists/{first.pk}/members",
        "/@bob/lists",
        "/@bob",
        "/@bob/followers",
        "/@bob/following",
    ]
    one = {address: queries(client, address) for address in addresses}
    for _ in range(ROWS - 1):
        add_row(alice)
    assert {address: queries(client, address) for address in addresses} == one
    assert max(one.values()) < 13
