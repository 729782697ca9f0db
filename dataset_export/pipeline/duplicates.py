"""Tell when two posts say exactly the same."""

import unicodedata
from hashlib import sha256


def fingerprint(text: str) -> bytes:
    """Return 16 bytes that are equal for texts that differ only in case, width or whitespace.

    Numbers and signs stay: "3-1" is not "2-0".
    """
    return sha256(_folded(text).encode("utf-8", "surrogatepass")).digest()[:16]


def _folded(text: str) -> str:
    """Return the compatibility caseless form (Unicode 3.13, D146), words apart by one space."""
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())
