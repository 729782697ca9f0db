import base64

from consent.log.keys import signing_seed
from dataset_export.pipeline import manifest


def sign(content: bytes) -> str:
    """Return the site's signature of a manifest, in base64."""
    return manifest.sign(content, signing_seed())


def public_key() -> str:
    """Return the base64 of the public key against which outsiders check manifests."""
    return base64.b64encode(manifest.public_key(signing_seed())).decode()
