from django.conf import settings


def absolute_url(path: str) -> str:
    """Return the address that people elsewhere type for a path of this site."""
    return f"{settings.SITE_URL}{path}"
