from collections.abc import Collection

from accounts.models import User


def set_preferred_languages(*, user: User, languages: Collection[str]) -> None:
    """Set the languages shown in Public and Explore; empty means all."""
    User.objects.filter(pk=user.pk).update(preferred_languages=sorted(languages))
