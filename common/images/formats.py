"""Recognizes file formats by their first bytes, without decoding."""

PILLOW_NAMES = "JPEG, PNG, WebP, GIF or AVIF"
ACCEPTED = "image/jpeg,image/png,image/webp,image/gif,image/avif"
HEADER_BYTES = 32
AVIF_BRANDS = (b"avif", b"avis")


def detect_format(header: bytes) -> str | None:
    """Return Pillow's name of a format that is accepted, else None."""
    if header.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if header.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if header.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if header[:4] == b"RIFF" and header[8:12] == b"WEBP":
        return "WEBP"
    # ISO base media file format: the major brand, a version, then the compatible brands.
    if header[4:8] == b"ftyp" and (
        header[8:12] in AVIF_BRANDS or b"avif" in header[16:HEADER_BYTES]
    ):
        return "AVIF"
    return None
