from django.conf import settings


def absolute_url(path: str) -> str:
    """Return the public URL of a path of this site."""
    return f"{settings.SITE_URL}{path}"
