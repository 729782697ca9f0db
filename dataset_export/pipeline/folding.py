"""Fold case and width, so that texts can be compared, without losing superscripts and the like."""

import re
import unicodedata

# Superscripts, subscripts, fractions and enclosed characters: NFKC would read "10²" as "102" and "1½" as "11⁄2".
_MEANINGFUL = ("<super>", "<sub>", "<fraction>", "<circle>")


def _list_meaningful() -> str:
    """Return the characters whose compatibility decomposition loses what they say.

    Of the Basic Multilingual Plane only: a class that reaches further is searched thirty times as slowly.
    """
    chars = map(chr, range(0x80, 0x10000))
    return "".join(
        char for char in chars if unicodedata.decomposition(char).startswith(_MEANINGFUL)
    )


_KEPT = re.compile(f"([{re.escape(_list_meaningful())}]+)")


def fold_for_comparison(text: str) -> str:
    """Return the compatibility caseless form (Unicode 3.13, D146); superscripts and the like stay what they are.

    A script font, a ligature and a full-width letter are the letter; "x²" is not "x2", nor "①" 1.
    """
    if text.isascii():
        return text.lower()
    if not _KEPT.search(text):
        return _fold(text)
    return "".join(
        piece if number % 2 else _fold(piece) for number, piece in enumerate(_KEPT.split(text))
    )


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
