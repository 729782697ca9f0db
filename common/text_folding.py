"""Folds text so that letters that readers take for equal compare equal, in filters and search.

Plain Python. `common_fold_text` and `search_normalize` do the same in PostgreSQL; tests hold them
equal.
"""

import re
import unicodedata

# Acute accents are typed as apostrophes; NFKD would make them a space and an accent.
ACUTE = "\u00b4"
# Characters written for an apostrophe or quotation mark inside words, and the dotless Turkish i
# (see `fold_text`).
SAME = str.maketrans("\u2018\u2019\u201b\u02bb\u02bc\u055a\u05f3\u05f4\u0131", "'''''''\"i")
# Hebrew and Arabic points, which are usually omitted, tatweel, and invisible characters.
_UNSEEN = re.compile(
    "[\u00ad\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]+"
)
DOTTED_I = "i\u0307"
# Accents of Latin, Greek and Cyrillic; not Indic or Thai vowel signs, which are letters.
ACCENTS = re.compile("[\u0300-\u036f\u0483-\u0487]+")
LIGATURES = {"æ": "ae", "œ": "oe", "þ": "th"}
BARRED = str.maketrans("øłđðħŧ", "olddht")


def fold_text(text: str) -> str:
    """Fold case, width, composition and apostrophes (NFKD, full case folding, NFC).

    So "STRASSE" equals "straße", "ＡＩ" equals "AI", "ｾﾝｷｮ" equals "センキョ". Accents stay: "schon"
    differs from "schön". The four Turkish i are one, because the language of a text is unknown:
    "İstanbul", "ISTANBUL" and "istanbul" are equal.
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.replace(ACUTE, "'")).casefold().translate(SAME)
    return unicodedata.normalize("NFC", _UNSEEN.sub("", folded).replace(DOTTED_I, "i"))


def fold_accents(text: str) -> str:
    """Also fold accents, ligatures and barred letters: for search."""
    folded = fold_text(text)
    if folded.isascii():
        return folded
    plain = ACCENTS.sub("", unicodedata.normalize("NFD", folded)).translate(BARRED)
    for ligature, letters in LIGATURES.items():
        plain = plain.replace(ligature, letters)
    return unicodedata.normalize("NFC", plain)
