"""Read digits, letters and signs of other widths and scripts as their ASCII twins, one for one."""

import re
import unicodedata

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"
# Full-width "<" and ">" stay, as nothing but a placeholder may look like a placeholder.
_WIDE = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "＜＞"}
# Of the Basic Multilingual Plane only: a class that reaches further is searched thirty times as slowly.
_DIGITS = {
    char: str(unicodedata.decimal(char))
    for char in map(chr, range(0x80, 0x10000))
    if char.isdecimal()
}
_SIGNS = {**dict.fromkeys(_DASHES, "-"), **dict.fromkeys(_SPACES, " "), "﹫": "@"}
_TWINS = {**_WIDE, **_DIGITS, **_SIGNS}

_TABLE = str.maketrans(_TWINS)
_FOLDABLE = re.compile(f"[{re.escape(''.join(_TWINS))}]")


def fold_for_detection(text: str) -> str:
    """Return a text of the same length, in which the patterns need to know ASCII forms only."""
    if text.isascii() or not _FOLDABLE.search(text):
        return text
    return text.translate(_TABLE)
