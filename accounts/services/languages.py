from collections.abc import Collection

from accounts.models import User


def set_preferred_languages(*, user: User, languages: Collection[str]) -> None:
    """Keep in which languages somebody wants to meet the posts of everyone; none of them is all of them."""
    User.objects.filter(pk=user.pk).update(preferred_languages=sorted(languages))
