from collections.abc import Collection

from django.db import transaction

from accounts.models import Block, ListMember, User, UserList
from accounts.services.locks import invalidate_home_timeline, lock_user_pair

MAX_LISTS = 100
MAX_LIST_MEMBERS = 1000


class UserListError(Exception):
    """Too many lists or members, or a block between the two users."""


@transaction.atomic
def create_list(*, owner: User, title: str, replies: str, is_exclusive: bool) -> UserList:
    """Create an empty list.

    Raises:
        UserListError: with a message for the user.
    """
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if UserList.objects.filter(owner=owner).count() >= MAX_LISTS:
        raise UserListError(f"You have {MAX_LISTS} lists, which is as many as one can have.")
    return UserList.objects.create(
        owner=owner, title=title, replies=replies, is_exclusive=is_exclusive
    )


@transaction.atomic
def update_list(*, people_list: UserList, title: str, replies: str, is_exclusive: bool) -> None:
    """Rename a list or change what its timeline shows."""
    before = UserList.objects.select_for_update().get(pk=people_list.pk)
    UserList.objects.filter(pk=before.pk).update(
        title=title, replies=replies, is_exclusive=is_exclusive
    )
    if before.is_exclusive and not is_exclusive:
        invalidate_home_timeline(before.owner)


@transaction.atomic
def delete_list(*, people_list: UserList) -> None:
    """Delete a list; its members stay followed."""
    people_list.delete()
    if people_list.is_exclusive:
        invalidate_home_timeline(people_list.owner)


@transaction.atomic
def set_list_memberships(*, owner: User, member: User, lists: Collection[int]) -> None:
    """Make a user a member of exactly these lists of the owner.

    Raises:
        UserListError: with a message for the user.
    """
    lock_user_pair(owner, member)
    own = {
        one.pk: one
        for one in UserList.objects.select_for_update().filter(owner=owner).order_by("pk")
    }
    wanted = own.keys() & set(lists)
    present = set(
        ListMember.objects.filter(list__in=own, member=member).values_list("list_id", flat=True)
    )
    if wanted and is_blocked_either_way(owner, member):
        raise UserListError("One of you blocks the other.")
    for pk in sorted(wanted - present):
        if ListMember.objects.filter(list=pk).count() >= MAX_LIST_MEMBERS:
            raise UserListError(
                f"“{own[pk].title}” has {MAX_LIST_MEMBERS} people, which is as many as fit."
            )
        ListMember.objects.create(list_id=pk, member=member)
    left = present - wanted
    ListMember.objects.filter(list__in=left, member=member).delete()
    if any(own[pk].is_exclusive for pk in left):
        invalidate_home_timeline(owner)


@transaction.atomic
def remove_from_list(*, people_list: UserList, member: User) -> None:
    """Remove a user from a list; idempotent."""
    deleted, _ = ListMember.objects.filter(list=people_list, member=member).delete()
    if deleted and people_list.is_exclusive:
        invalidate_home_timeline(people_list.owner)


def is_blocked_either_way(one: User, other: User) -> bool:
    return Block.objects.filter(blocker__in=[one, other], blocked__in=[one, other]).exists()
