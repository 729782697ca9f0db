"""Decodes web pages as browsers do (https://encoding.spec.whatwg.org, HTML 13.2.3).

`webencodings` knows the labels; where Python's codecs differ from the web's, this module
compensates.
"""

import codecs
import re
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser

import webencodings

# Browsers look for a declaration in the first 1,024 bytes and restart at a later one.
DECLARED_WITHIN = 65_536
DEFAULT = "windows-1252"
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
XML_IN_UTF16 = ((b"<\x00?\x00x\x00", "utf-16le"), (b"\x00<\x00?\x00x", "utf-16be"))
XML_DECLARATION = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
CHARSET_IN_CONTENT = re.compile(
    r"charset\s*=\s*(?:\"([^\"]+)\"|'([^']+)'|([^\s;\"']+))", re.IGNORECASE
)
# A declaration that is readable as ASCII cannot be one of these.
NOT_DECLARED = {"utf-16le": "utf-8", "utf-16be": "utf-8", "x-user-defined": "windows-1252"}
# Python's codecs closest to the web's decoders.
CODECS = {"gbk": "gb18030", "big5": "cp950", "iso-2022-jp": "iso2022_jp_ext"}
# Differences: two letters of KOI8-U, and JIS X 0208 characters that Windows maps differently.
READ_OTHERWISE = {
    "koi8-u": str.maketrans("\u255d\u256c", "\u045e\u040e"),
    "euc-jp": str.maketrans(
        "\u301c\u2016\u2212\xa2\xa3\xac", "\uff5e\u2225\uff0d\uffe0\uffe1\uffe2"
    ),
}
_UNREADABLE = "\ufffd"


def decode_page(content: bytes, charset: str | None) -> str:
    """Decode a page; `charset` comes from its Content-Type header.

    A truncated last character is dropped.
    """
    for mark, name in BOMS:
        if content.startswith(mark):
            return decode(content[len(mark) :], name)
    return decode(content, known(charset) or declared_in(content) or guessed(content))


def known(label: str | None) -> str | None:
    """Return the standard's name for an encoding label, or None if browsers know none."""
    encoding = webencodings.lookup(label) if label else None
    return encoding.name if encoding else None


def declared_in(content: bytes) -> str | None:
    """Return the encoding that the beginning of a page declares."""
    for beginning, name in XML_IN_UTF16:
        if content.startswith(beginning):
            return name
    parser = Declaration()
    parser.feed(content[:DECLARED_WITHIN].decode("latin-1"))
    xml = XML_DECLARATION.match(content)
    declared = parser.found or known(xml[1].decode("ascii") if xml else None)
    return NOT_DECLARED.get(declared, declared) if declared else None


class Declaration(HTMLParser):
    """Finds the first `meta` element that declares an encoding."""

    def __init__(self) -> None:
        super().__init__()
        self.found: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta" or self.found:
            return
        # Of duplicate attributes the first counts.
        values = dict(reversed(attrs))
        label = values.get("charset")
        if not known(label) and (values.get("http-equiv") or "").strip().lower() == "content-type":
            named = CHARSET_IN_CONTENT.search(values.get("content") or "")
            label = next(filter(None, named.groups()), None) if named else None
        self.found = known(label)


def guessed(content: bytes) -> str:
    """Return UTF-8 if the bytes are valid UTF-8, else the browsers' Western fallback."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return DEFAULT
    return "utf-8"


def decode(content: bytes, name: str) -> str:
    if name == "replacement":
        # Encodings used in attacks; browsers show nothing of them.
        return _UNREADABLE
    encoding = webencodings.lookup(name)
    codec = (
        codecs.lookup(CODECS[name]) if name in CODECS or encoding is None else encoding.codec_info
    )
    text = codec.incrementaldecoder(f"web-{name}" if name in REPAIRS else "replace").decode(content)
    return text.translate(READ_OTHERWISE[name]) if name in READ_OTHERWISE else text


def repaired(name: str, error: UnicodeError) -> tuple[str, int]:
    """Error handler for bytes that Python's codec cannot decode."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    text = REPAIRS[name](pair)
    if text is not None:
        return text, error.start + (1 if name in SINGLE or pair[0] == 0x80 else 2)
    is_pair = name not in SINGLE and len(pair) == 2 and pair[1] >= 0x80
    return _UNREADABLE, error.start + (2 if is_pair else 1)


def read_control(pair: bytes) -> str | None:
    """Return the control character for a byte that a code page leaves undefined."""
    return chr(pair[0]) if 0x80 <= pair[0] < 0xA0 else None


def read_euro(pair: bytes) -> str | None:
    return "€" if pair[0] == 0x80 else None


def read_pair(codec: str, pair: bytes) -> str | None:
    try:
        return pair.decode(codec)
    except UnicodeDecodeError:
        return None


def read_euc_jp(pair: bytes) -> str | None:
    """Return a character that Windows added to JIS X 0208, by its Shift_JIS position (JIS X 0208,
    annex 1).
    """
    if len(pair) < 2 or min(pair) < 0xA1:
        return None
    row, cell = pair[0] - 0xA0, pair[1] - 0xA0
    lead = (row + 1) // 2 + (0x80 if row < 63 else 0xC0)
    trail = cell + 0x9E if row % 2 == 0 else cell + (0x3F if cell < 64 else 0x40)
    return read_pair("cp932", bytes((lead, trail)))


SINGLE = frozenset(f"windows-{page}" for page in (874, *range(1250, 1259)))
REPAIRS: dict[str, Callable[[bytes], str | None]] = {
    **dict.fromkeys(SINGLE, read_control),
    "gbk": read_euro,
    "gb18030": read_euro,
    "big5": partial(read_pair, "big5hkscs"),
    "euc-jp": read_euc_jp,
}
for _name in REPAIRS:
    codecs.register_error(f"web-{_name}", partial(repaired, _name))
