"""Fold texts so that what readers take for the same letters compares equal, for filters and search alike.

PostgreSQL has the same as `common_fold_text` and `search_normalize`, which the tests hold equal to these. Plain Python.
"""

import re
import unicodedata

# Acute accents are typed for apostrophes; NFKD would make a blank and an accent of them.
ACUTE = "\u00b4"
# Letters and marks of all kinds that are written for an apostrophe or a quotation mark inside of words; and the
# Turkish i without a dot, see `fold_text`.
SAME = str.maketrans("\u2018\u2019\u201b\u02bb\u02bc\u055a\u05f3\u05f4\u0131", "'''''''\"i")
# Points of Hebrew and Arabic, which are mostly left out, tatweel, and what is not seen.
_UNSEEN = re.compile(
    "[\u00ad\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]+"
)
DOTTED_I = "i\u0307"
# Accents of Latin, Greek and Cyrillic letters; not the vowel signs of India or Thailand, which are letters.
ACCENTS = re.compile("[\u0300-\u036f\u0483-\u0487]+")
LIGATURES = {"æ": "ae", "œ": "oe", "þ": "th"}
BARRED = str.maketrans("øłđðħŧ", "olddht")


def fold_text(text: str) -> str:
    """Return a text without the differences of case, width, composition and apostrophes (NFKD, full case folding, NFC).

    So "STRASSE" is "straße", "ＡＩ" is "AI", "ｾﾝｷｮ" is "センキョ", and é is é however it is put together. Accents stay:
    "schon" is another word than "schön". Turkish has an i with a dot and one without, each in both cases; as the
    language of a text is not known, all four are one, so that "İstanbul", "ISTANBUL" and "istanbul" are.
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.replace(ACUTE, "'")).casefold().translate(SAME)
    return unicodedata.normalize("NFC", _UNSEEN.sub("", folded).replace(DOTTED_I, "i"))


def fold_accents(text: str) -> str:
    """Return a folded text without accents, too, and with plain letters for ligatures and barred ones: for search."""
    folded = fold_text(text)
    if folded.isascii():
        return folded
    plain = ACCENTS.sub("", unicodedata.normalize("NFD", folded)).translate(BARRED)
    for ligature, letters in LIGATURES.items():
        plain = plain.replace(ligature, letters)
    return unicodedata.normalize("NFC", plain)
