import base64

from consent.transparency_log.keys import signing_seed
from dataset_export.pipeline import manifest


def sign_manifest(content: bytes) -> str:
    """Return the site's signature of a manifest, in base64."""
    return manifest.sign(content, signing_seed())


def site_public_key() -> str:
    """Return the public key that verifies manifests, in base64."""
    return base64.b64encode(manifest.public_key(signing_seed())).decode()
