"""Following: once, of others only, and of nobody who is out of use."""

import pytest
from django.utils import timezone

from accounts.models import Follow, User
from accounts.selectors import relationship, suggested_users
from accounts.services import FollowError, follow, unfollow
from tests.factories import person
from tests.threads import together

OUT_OF_USE = pytest.mark.parametrize(
    "field", [{"suspended_at": timezone.now()}, {"is_active": False}], ids=["suspended", "closed"]
)


def test_following_and_unfollowing_twice_changes_nothing(alice, bob):
    for act, expected in [(follow, 1), (follow, 1), (unfollow, 0), (unfollow, 0), (follow, 1)]:
        act(follower=alice, followed=bob)
        assert Follow.objects.filter(follower=alice, followed=bob).count() == expected
    assert not Follow.objects.filter(follower=bob).exists()


def test_nobody_follows_themselves(client, alice):
    with pytest.raises(FollowError, match="yourself"):
        follow(follower=alice, followed=alice)
    client.force_login(alice)
    page = client.post("/@alice/follow", follow=True)
    assert "You can’t follow yourself." in page.content.decode()
    assert not Follow.objects.exists()


@OUT_OF_USE
def test_nobody_follows_an_account_out_of_use(client, alice, bob, field):
    User.objects.filter(pk=bob.pk).update(**field)
    bob.refresh_from_db()
    with pytest.raises(FollowError):
        follow(follower=alice, followed=bob)
    client.force_login(alice)
    assert client.post("/@bob/follow").status_code == 404
    assert not Follow.objects.exists()


@OUT_OF_USE
def test_an_account_out_of_use_has_no_pages_and_is_in_no_list(client, alice, bob, field):
    follow(follower=bob, followed=alice)
    follow(follower=alice, followed=bob)
    assert "@bob" in client.get("/@alice/followers").content.decode()
    User.objects.filter(pk=bob.pk).update(**field)
    assert {
        client.get(f"/@bob{page}").status_code for page in ("", "/followers", "/following")
    } == {404}
    for page in ("followers", "following"):
        assert "@bob" not in client.get(f"/@alice/{page}").content.decode()
    assert bob not in suggested_users(person("newcomer"))


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_the_same_moment_follow_once():
    alice, bob = person("alice"), person("bob")
    assert together([lambda: follow(follower=alice, followed=bob)] * 10) == [None] * 10
    assert Follow.objects.count() == 1


def test_how_two_people_stand_to_each_other(alice, bob, charlie):
    follow(follower=alice, followed=bob)
    follow(follower=charlie, followed=alice)
    ours = relationship(alice, bob)
    assert (ours.is_following, ours.follows_you, ours.follower_count, ours.following_count) == (
        True,
        False,
        1,
        0,
    )
    theirs = relationship(bob, alice)
    assert (theirs.is_following, theirs.follows_you, theirs.follower_count) == (False, True, 1)
    assert not relationship(alice, alice).follows_you


def test_the_button_changes_in_place(client, alice, bob):
    client.force_login(alice)
    part = client.post("/@BOB/follow", headers={"HX-Request": "true"}).content.decode()
    assert "/@bob/unfollow" in part
    assert "<html" not in part
    assert client.post("/@bob/unfollow")["Location"] == "/@bob"


def test_without_htmx_one_stays_on_the_page(client, alice, bob):
    client.force_login(alice)
    page = "http://testserver/@charlie/followers"
    assert client.post("/@bob/follow", headers={"Referer": page})["Location"] == page


def test_each_person_of_a_list_has_a_button_but_oneself(client, alice, bob, charlie):
    new, asked = person(), person(requires_follow_approval=True)
    for somebody in (alice, charlie, new, asked):
        follow(follower=somebody, followed=bob)
    follow(follower=alice, followed=charlie)
    follow(follower=alice, followed=asked)
    client.force_login(alice)
    page = client.get("/@bob/followers")
    standings = {one.username: one.standing for one in page.context["page"].items}
    assert standings["alice"] is None
    assert (standings["charlie"].is_following, standings["charlie"].is_requested) == (True, False)
    assert (standings[asked.username].is_following, standings[asked.username].is_requested) == (
        False,
        True,
    )
    assert f"/@{new.username}/follow" in page.content.decode()
    client.logout()
    assert b'/follow"' not in client.get("/@bob/followers").content


def test_people_to_meet_are_new_to_the_viewer(alice, bob, charlie):
    follow(follower=alice, followed=bob)
    assert suggested_users(alice) == [charlie]


def test_people_to_meet_are_those_who_let_be_found(alice, bob, charlie):
    User.objects.filter(pk=bob.pk).update(is_discoverable=False)
    assert suggested_users(alice) == [charlie]
