from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from posts.filtering import build_pattern
from posts.models import KeywordFilter

MAX_FILTERS = 100
EVERYWHERE = tuple(KeywordFilter.Place.values)


class FilterError(Exception):
    """There are too many filters already, or there is nothing to look for."""


@transaction.atomic
def keep_filter(
    *,
    user: User,
    phrase: str,
    is_whole_word: bool,
    action: str,
    places: Sequence[str] = EVERYWHERE,
    until: datetime | None = None,
    instead_of: KeywordFilter | None = None,
) -> KeywordFilter:
    """Filter a phrase from now on; in place of an earlier filter for the same phrase, and of another of the person's.

    Raises:
        CannotFilter: with words for the person.
    """
    pattern = build_pattern(phrase)
    if not pattern:
        raise FilterError("This has no visible characters. Enter a word or phrase.")
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    others = KeywordFilter.objects.filter(user=user).exclude(phrase=phrase)
    if instead_of is not None:
        others.filter(pk=instead_of.pk).delete()
    if others.count() >= MAX_FILTERS:
        raise FilterError(f"You already have {MAX_FILTERS} filters. Remove one first.")
    content = {
        "pattern": pattern,
        "is_whole_word": is_whole_word,
        "action": action,
        "places": list(places),
        "until": until,
    }
    return KeywordFilter.objects.update_or_create(user=user, phrase=phrase, defaults=content)[0]


def remove_filter(*, kept: KeywordFilter) -> None:
    """Filter a phrase no longer; what it hid comes back at once."""
    kept.delete()
