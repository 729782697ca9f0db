"""Current and former signing keys of checkpoints and receipts."""

import base64
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from consent.models import LogKey
from consent.transparency_log.notes import SignerKey, VerifierKey

SEED_BYTES = 32


def origin() -> str:
    """Return the log's origin, which is also its key name: this site's address with /log."""
    return f"{urlsplit(settings.SITE_URL).netloc}/log"


def signing_seed() -> bytes:
    """Return the seed of the site's one key, which signs checkpoints, receipts and manifests."""
    try:
        seed = base64.b64decode(settings.SIGNING_KEY, validate=True)
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise ImproperlyConfigured("SIGNING_KEY must be the base64 of 32 bytes.")
    return seed


def signing_key() -> SignerKey:
    """Return the current key, from SIGNING_KEY."""
    return SignerKey(origin(), signing_seed())


def registered(key: VerifierKey) -> LogKey:
    """Return the row of a public key, created on first use."""
    return LogKey.objects.get_or_create(name=key.name, public_key=key.public_key)[0]


def get_verifier(key: LogKey) -> VerifierKey:
    return VerifierKey(key.name, bytes(key.public_key))
