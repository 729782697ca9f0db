from collections.abc import Collection

from django.db import transaction

from accounts.models import Block, ListMember, PeopleList, User
from accounts.services.pairs import hold_pair, renew_home

MOST_LISTS = 100
MOST_MEMBERS = 1000


class CannotList(Exception):
    """There are too many lists or members, or the two people are parted by a block."""


@transaction.atomic
def create_list(*, owner: User, title: str, replies: str, is_exclusive: bool) -> PeopleList:
    """Make an empty list.

    Raises:
        CannotList: with words for the person.
    """
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    if PeopleList.objects.filter(owner=owner).count() >= MOST_LISTS:
        raise CannotList(f"You have {MOST_LISTS} lists, which is as many as one can have.")
    return PeopleList.objects.create(owner=owner, title=title, replies=replies, is_exclusive=is_exclusive)


@transaction.atomic
def change_list(*, people_list: PeopleList, title: str, replies: str, is_exclusive: bool) -> None:
    """Rename a list, or change what its timeline shows."""
    before = PeopleList.objects.select_for_update().get(pk=people_list.pk)
    PeopleList.objects.filter(pk=before.pk).update(title=title, replies=replies, is_exclusive=is_exclusive)
    if before.is_exclusive and not is_exclusive:
        renew_home(before.owner)


@transaction.atomic
def delete_list(*, people_list: PeopleList) -> None:
    """Delete a list; its members stay followed where they were."""
    people_list.delete()
    if people_list.is_exclusive:
        renew_home(people_list.owner)


@transaction.atomic
def put_into_lists(*, owner: User, member: User, lists: Collection[int]) -> None:
    """Have a person be in these of the owner's lists, by number, and in no other of them.

    Raises:
        CannotList: with words for the person.
    """
    hold_pair(owner, member)
    own = {one.pk: one for one in PeopleList.objects.select_for_update().filter(owner=owner).order_by("pk")}
    wanted = own.keys() & set(lists)
    present = set(ListMember.objects.filter(list__in=own, member=member).values_list("list_id", flat=True))
    if wanted and is_parted(owner, member):
        raise CannotList("One of you blocks the other.")
    for pk in sorted(wanted - present):
        if ListMember.objects.filter(list=pk).count() >= MOST_MEMBERS:
            raise CannotList(f"“{own[pk].title}” has {MOST_MEMBERS} people, which is as many as fit.")
        ListMember.objects.create(list_id=pk, member=member)
    left = present - wanted
    ListMember.objects.filter(list__in=left, member=member).delete()
    if any(own[pk].is_exclusive for pk in left):
        renew_home(owner)


@transaction.atomic
def leave_list(*, people_list: PeopleList, member: User) -> None:
    """Take a person out of a list; not being in it already is fine."""
    deleted, _ = ListMember.objects.filter(list=people_list, member=member).delete()
    if deleted and people_list.is_exclusive:
        renew_home(people_list.owner)


def is_parted(one: User, other: User) -> bool:
    return Block.objects.filter(blocker__in=[one, other], blocked__in=[one, other]).exists()
