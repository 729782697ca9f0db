"""People who let followers in one by one."""

import pytest

from accounts.models import Follow, FollowRequest, User
from accounts.services import accept_request, follow, unfollow
from common.models import OutboxEvent
from tests.factories import person, post
from tests.threads import together


@pytest.fixture
def careful(alice) -> User:
    """Alice, who wants to be asked."""
    alice.requires_follow_approval = True
    alice.save()
    return alice


def topics() -> list[tuple[str, int, int | None]]:
    rows = OutboxEvent.objects.exclude(topic=OutboxEvent.Topic.PUBLISHED).order_by("pk")
    return list(rows.values_list("topic", "actor_id", "person_id"))


def test_a_follow_becomes_a_request_and_a_request_a_follow(client, careful, bob):
    post(careful, "For followers", visibility="followers")
    client.force_login(bob)
    for _ in range(2):
        part = client.post("/@alice/follow", headers={"HX-Request": "true"}).content.decode()
        assert "Cancel request" in part
    waiting = FollowRequest.objects.get()
    assert not Follow.objects.exists()
    assert "For followers" not in client.get("/@alice").content.decode()
    client.force_login(careful)
    assert "@bob" in client.get("/settings/follow-requests").content.decode()
    before = User.objects.get(pk=bob.pk).home_timeline_version
    client.post(f"/settings/follow-requests/{waiting.pk}/accept")
    assert User.objects.get(pk=bob.pk).home_timeline_version == before + 1
    assert Follow.objects.filter(follower=bob, followed=careful).exists()
    assert not FollowRequest.objects.exists()
    client.force_login(bob)
    assert "For followers" in client.get("/@alice").content.decode()
    assert topics() == [("follow_requested", bob.pk, careful.pk), ("followed", bob.pk, careful.pk)]


def test_a_request_is_turned_away_or_taken_back(client, careful, bob, charlie):
    for requester in (bob, charlie):
        follow(follower=requester, followed=careful)
    client.force_login(careful)
    client.post(f"/settings/follow-requests/{FollowRequest.objects.get(follower=bob).pk}/reject")
    unfollow(follower=charlie, followed=careful)
    assert not FollowRequest.objects.exists()
    assert not Follow.objects.exists()


def test_turning_it_off_lets_nobody_in_in_silence(client, careful, bob):
    follow(follower=bob, followed=careful)
    client.force_login(careful)
    client.post("/settings/follow-requests", {})
    careful.refresh_from_db()
    assert not careful.requires_follow_approval
    assert FollowRequest.objects.count() == 1
    assert not Follow.objects.exists()
    follow(follower=bob, followed=careful)
    assert Follow.objects.count() == 1
    assert not FollowRequest.objects.exists()


def test_the_setting_writes_nothing_else_of_the_person(client, alice):
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(display_name="Kept")
    client.post(
        "/settings/follow-requests", {"requires_follow_approval": "on", "display_name": "Changed"}
    )
    alice.refresh_from_db()
    assert (alice.requires_follow_approval, alice.display_name) == (True, "Kept")


@pytest.mark.django_db(transaction=True)
def test_a_request_is_accepted_once_or_was_taken_back():
    careful = person(requires_follow_approval=True)
    for _ in range(5):
        requester = person()
        follow(follower=requester, followed=careful)
        waiting = FollowRequest.objects.select_related("follower", "followed").get(
            follower=requester
        )
        acts = [
            lambda: accept_request(request=waiting),  # noqa: B023
            lambda: unfollow(follower=requester, followed=careful),  # noqa: B023
        ] * 3
        assert not [result for result in together(acts) if isinstance(result, Exception)]
        assert not FollowRequest.objects.exists()
        assert Follow.objects.filter(follower=requester).count() <= 1
