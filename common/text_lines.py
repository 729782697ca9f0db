"""Line ends in texts and in line-based files."""

# Python's `str.splitlines` and JavaScript also end lines here; JSON needs no escape.
SEPARATORS = {
    separator.encode(): f"\\u{ord(separator):04x}".encode() for separator in "\u0085\u2028\u2029"
}


def normalize_line_ends(text: str) -> str:
    """Return a text with `

    ` as its only line end: forms send `\r

    `, which browsers count as one.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def escape_separators(content: bytes) -> bytes:
    """Escape characters in JSON (UTF-8) that some readers take for line ends."""
    for separator, escape in SEPARATORS.items():
        content = content.replace(separator, escape)
    return content
