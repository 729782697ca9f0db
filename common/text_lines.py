"""What ends a line, in texts and in files of lines."""

# Python's `str.splitlines` and JavaScript end a line at these; in JSON they need no escape.
SEPARATORS = {
    separator.encode(): f"\\u{ord(separator):04x}".encode() for separator in "\u0085\u2028\u2029"
}


def normalize_line_ends(text: str) -> str:
    """Return a text with `\\n` as its only line end: forms send `\\r\\n`, which browsers count as one character."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def escape_separators(content: bytes) -> bytes:
    """Return the same JSON (UTF-8) as one line, wherever its reader thinks that a line ends."""
    for separator, escape in SEPARATORS.items():
        content = content.replace(separator, escape)
    return content
