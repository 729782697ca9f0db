"""Searches users by name prefixes and profile words, and hashtags."""

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

# The expression of a database index, which it must match exactly.
PROFILE = "search_tsvector(accounts_user.username || ' ' || accounts_user.display_name || ' ' || accounts_user.bio)"
MAX_NAME_WORDS = 8
# Bits below the rank, enough for user and hashtag ids.
_BITS = 40


def find_people(words: str, viewer: Viewer) -> QuerySet[User]:
    """Users with all words in name or profile, nearest first, by `place`."""
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
    """Return the ranks: exact name, followed, followed by follows, widely followed."""
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
