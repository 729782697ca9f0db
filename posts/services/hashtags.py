from django.db import transaction

from accounts.models import User
from accounts.services.locks import invalidate_home_timeline
from posts.models import Hashtag, HashtagFollow

MAX_FOLLOWED_HASHTAGS = 200


class HashtagFollowError(Exception):
    """Too many tags are followed already."""


@transaction.atomic
def follow_tag(*, user: User, name: str, label: str) -> None:
    """Have public posts with a tag come into the home timeline; doing it again changes nothing.

    Raises:
        CannotFollowTag: with words for the person.
    """
    # Held, so that two follows at once do not pass the limit together.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if (
        HashtagFollow.objects.filter(user=user).exclude(tag__name=name).count()
        >= MAX_FOLLOWED_HASHTAGS
    ):
        raise HashtagFollowError(
            f"You follow {MAX_FOLLOWED_HASHTAGS} tags, and that is the most. Let one go first."
        )
    tag, _ = Hashtag.objects.get_or_create(name=name, defaults={"label": label})
    _, is_new = HashtagFollow.objects.get_or_create(user=user, tag=tag)
    if is_new:
        invalidate_home_timeline(user)


@transaction.atomic
def unfollow_tag(*, user: User, name: str) -> None:
    """Stop following a tag; not following it already is fine."""
    deleted, _ = HashtagFollow.objects.filter(user=user, tag__name=name).delete()
    if deleted:
        invalidate_home_timeline(user)
