"""Lists of people: their owners' alone."""

import pytest

from accounts.models import ListMember, User, UserList
from accounts.services import (
    UserListError,
    block,
    create_list,
    delete_list,
    remove_from_list,
    set_list_memberships,
    update_list,
)
from accounts.services import user_lists as limits
from tests.factories import person
from tests.threads import together


def made(owner: User, title: str = "Friends", *, is_exclusive: bool = False) -> UserList:
    return create_list(owner=owner, title=title, replies="list", is_exclusive=is_exclusive)


def members(people_list: UserList) -> set[str]:
    return set(people_list.members.values_list("member__username", flat=True))


def test_a_list_from_its_making_to_its_end(client, alice, bob):
    client.force_login(alice)
    there = client.post("/lists", {"title": "Bakers", "replies": "none", "is_exclusive": "on"})[
        "Location"
    ]
    mine = UserList.objects.get()
    assert there == f"/lists/{mine.pk}/members"
    assert (mine.owner, mine.title, mine.replies, mine.is_exclusive) == (
        alice,
        "Bakers",
        "none",
        True,
    )
    assert client.post("/@bob/lists", {"lists": [mine.pk]})["Location"] == "/@bob"
    assert "@bob" in client.get(there).content.decode()
    assert "1 person" in client.get("/lists").content.decode()
    assert "checked" in client.get("/@bob/lists").content.decode()
    client.post(f"/lists/{mine.pk}/edit", {"title": "Millers", "replies": "followed"})
    mine.refresh_from_db()
    assert (mine.title, mine.replies, mine.is_exclusive) == ("Millers", "followed", False)
    client.post(f"/lists/{mine.pk}/leave/@bob")
    assert members(mine) == set()
    client.post(f"/lists/{mine.pk}/delete")
    assert not UserList.objects.exists()


def test_others_lists_are_not_there(client, alice, bob, charlie):
    mine = made(alice)
    set_list_memberships(owner=alice, member=charlie, lists=[mine.pk])
    client.force_login(bob)
    for act in ("edit", "delete", "members"):
        assert client.get(f"/lists/{mine.pk}/{act}").status_code == 404
    assert client.post("/@charlie/lists", {"lists": [mine.pk]}).status_code == 422
    assert client.post(f"/lists/{mine.pk}/leave/@charlie").status_code == 404
    set_list_memberships(owner=bob, member=charlie, lists=[mine.pk])
    set_list_memberships(owner=bob, member=charlie, lists=[])
    assert members(mine) == {"charlie"}


def test_a_list_needs_a_name(client, alice):
    client.force_login(alice)
    for title in ("", "   ", "x" * 61):
        assert client.post("/lists", {"title": title, "replies": "list"}).status_code == 422
    assert client.post("/lists", {"title": "A", "replies": "all"}).status_code == 422
    assert not UserList.objects.exists()


def test_nobody_is_listed_across_a_block(client, alice, bob):
    mine = made(alice)
    block(blocker=bob, blocked=alice)
    with pytest.raises(UserListError):
        set_list_memberships(owner=alice, member=bob, lists=[mine.pk])
    client.force_login(alice)
    assert client.get("/@bob/lists").status_code == 404


def test_there_is_an_end_to_lists_and_members(client, monkeypatch, alice, bob, charlie):
    monkeypatch.setattr(limits, "MAX_LISTS", 1)
    monkeypatch.setattr(limits, "MAX_LIST_MEMBERS", 1)
    mine = made(alice)
    set_list_memberships(owner=alice, member=bob, lists=[mine.pk])
    client.force_login(alice)
    assert (
        "as many as one can have"
        in client.post("/lists", {"title": "B", "replies": "list"}).content.decode()
    )
    assert "as many as fit" in client.post("/@charlie/lists", {"lists": [mine.pk]}).content.decode()
    assert members(mine) == {"bob"}


def test_what_may_bring_older_posts_home_renews_it(alice, bob):
    def renewed(act) -> bool:
        before = User.objects.get(pk=alice.pk).home_timeline_version
        act()
        return User.objects.get(pk=alice.pk).home_timeline_version > before

    for is_exclusive in (False, True):
        mine = made(alice, is_exclusive=is_exclusive)
        assert not renewed(lambda: set_list_memberships(owner=alice, member=bob, lists=[mine.pk]))  # noqa: B023
        assert (
            renewed(lambda: set_list_memberships(owner=alice, member=bob, lists=[])) == is_exclusive
        )
        set_list_memberships(owner=alice, member=bob, lists=[mine.pk])
        assert renewed(lambda: remove_from_list(people_list=mine, member=bob)) == is_exclusive  # noqa: B023
        opened = {"title": "Open", "replies": "list", "is_exclusive": False}
        assert renewed(lambda: update_list(people_list=mine, **opened)) == is_exclusive  # noqa: B023
        other = made(alice, is_exclusive=is_exclusive)
        assert renewed(lambda: delete_list(people_list=other)) == is_exclusive  # noqa: B023


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_the_same_moment_list_once():
    alice, bob = person("alice"), person("bob")
    mine = made(alice)
    clicks = [lambda: set_list_memberships(owner=alice, member=bob, lists=[mine.pk])] * 10
    assert together(clicks) == [None] * 10
    assert ListMember.objects.count() == 1
