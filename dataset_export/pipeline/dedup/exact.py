"""Tell when two posts say exactly the same."""

from hashlib import sha256

from dataset_export.pipeline.folding import fold_for_comparison


def fingerprint(text: str) -> bytes:
    """Return 16 bytes that are equal for texts that differ only in case, width or whitespace.

    Numbers and signs stay: "3-1" is not "2-0", "x²" not "x2".
    """
    return sha256(
        " ".join(fold_for_comparison(text).split()).encode("utf-8", "surrogatepass")
    ).digest()[:16]
