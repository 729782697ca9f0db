"""Find people, by the beginnings of their names and by words of their profiles, and tags."""

from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import RawSQL

from accounts.models import Follow, User
from accounts.selectors import Viewer, visible_users

# Of an index of the database, which it fits to the letter.
PROFILE = "search_tsvector(accounts_user.username || ' ' || accounts_user.display_name || ' ' || accounts_user.bio)"
MAX_NAME_WORDS = 8
# The bits below the rank, enough for the number of each person and each tag.
_BITS = 40


def find_people(words: str, viewer: Viewer) -> QuerySet[User]:
    """People with all of the words in name or profile; nearest to the viewer first, by `place`."""
    people = visible_users(viewer).filter(is_discoverable(viewer))
    for word in words.split()[:MAX_NAME_WORDS]:
        matches = RawSQL(f"{PROFILE} @@ search_tsquery(%s, true)", [word], BooleanField())  # noqa: S611 - ours
        people = people.filter(matches)
    rank = Case(*ranks(words, viewer), default=4, output_field=BigIntegerField())
    place = ExpressionWrapper(rank * Value(1 << _BITS) + F("pk"), BigIntegerField())
    found = people.annotate(place=place)
    return found if words.strip() else found.none()


def is_discoverable(viewer: Viewer) -> Q:
    listed = Q(is_discoverable=True)
    return listed | Q(pk=viewer.pk) if viewer.is_authenticated else listed


def ranks(words: str, viewer: Viewer) -> list[When]:
    """Return who comes first: of that very name, followed by the viewer, by those whom the viewer follows, by many."""
    found = [When(Q(username__iexact=words.removeprefix("@").strip()), then=0)]
    if viewer.is_authenticated:
        followed = Follow.objects.filter(follower=viewer)
        near: Any = Follow.objects.filter(
            followed=OuterRef("pk"), follower__in=followed.values("followed")
        )
        found += [
            When(Exists(followed.filter(followed=OuterRef("pk"))), then=1),
            When(Exists(near), then=2),
        ]
    return [*found, When(skips_fan_out=True, then=3)]
