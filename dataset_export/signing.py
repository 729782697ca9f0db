import base64
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from dataset_export.pipeline import manifest

SEED_BYTES = 32


@cache
def signing_seed() -> bytes:
    """Return the seed of the key that signs manifests."""
    try:
        seed = base64.b64decode(settings.SIGNING_KEY, validate=True)
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise ImproperlyConfigured("SIGNING_KEY must be the base64 of 32 bytes.")
    return seed


def public_key() -> str:
    """Return the base64 of the public key against which outsiders check manifests."""
    return base64.b64encode(manifest.public_key(signing_seed())).decode()
