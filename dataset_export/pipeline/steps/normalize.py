"""Repair and simplify text without changing what its author wrote."""

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar

import ftfy
import regex
from ftfy.badness import is_bad
from ftfy.chardata import CHARMAP_ENCODINGS
from ftfy.fixes import fix_c1_controls

from dataset_export.pipeline.records import Dropped, Record
from dataset_export.pipeline.steps.entities import mentions_encodings, unescape

# Each round removes characters, so that this bound is for proof, not for use.
_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Normalise:
    """Bring the text to one form; drop it when nothing is left."""

    name: ClassVar[str] = "normalise"

    def __call__(self, record: Record) -> Record | Dropped:
        text = normalise(record.text)
        if not text:
            return Dropped("empty")
        return record if text == record.text else record.rewritten(text)


def normalise(text: str) -> str:
    """Return the text in NFC, without broken encodings, entities, invisible controls or loose whitespace.

    An encoding is repaired, and entities are undone, only where the whole text tells that a program did it: who writes
    about "&lt;" or "Ã©" means it. Lines keep their indentation, and tables their columns.

    Idempotent: whatever one repair brings to light, a further round repairs.
    """
    for _ in range(_ROUNDS):
        if _is_plain(text):
            break
        repaired = _repair(text)
        if repaired == text:
            break
        text = repaired
    return text


def _is_plain(text: str) -> bool:
    """Tell, in a few calls into C, that there is nothing to repair (True is certain, False is not)."""
    return (
        "&" not in text
        and "  " not in text
        and text == text.strip()
        and ("\n" not in text or not _LOOSE_BREAK.search(text))
        and _is_visible(text)
        and (text.isascii() or _is_plain_beyond_ascii(text))
    )


def _is_plain_beyond_ascii(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text) and not _MOJIBAKE.search(text)


def _is_visible(text: str) -> bool:
    """Tell that nothing but line breaks is without a shape of its own."""
    return text.replace("\n", "").isprintable() and (text.isascii() or not _SELECTOR.search(text))


def _repair(text: str) -> str:
    if "&" in text:
        text = unescape(text)
    if not text.isascii() and _MOJIBAKE.search(text):
        text = _repair_encoding(text)
    text = _LINE_BREAK.sub("\n", text)
    if not _is_visible(text):
        text = _UNWANTED.sub("", text)
    text = unicodedata.normalize("NFC", text)
    return _fold_whitespace(text)


def _repair_encoding(text: str) -> str:
    if is_bad(text) and _MOJIBAKE_RUN.search(text) and not mentions_encodings(text):
        fixed, steps = ftfy.fix_encoding_and_explain(text)
        # Piece by piece is a guess: a text of which some is right has been through no wrong decoding as a whole.
        if steps is not None and all("inconsistent" not in step.parameter for step in steps):
            text = fixed
    return fix_c1_controls(text)


def _fold_whitespace(text: str) -> str:
    text = _BLANK.sub(" ", text)
    if "\n" not in text:
        return _BLANKS.sub(" ", text).strip()
    if len(_COLUMNS.findall(text)) < _MIN_ROWS:
        text = _INNER_BLANKS.sub(" ", text)
    text = _LOOSE_BREAK.sub(lambda loose: "\n" * min(loose[0].count("\n"), _MAX_BREAKS), text)
    text = _EMPTY_LINES_BEFORE.sub("", text.rstrip())
    # The first line is indented where others are, too.
    return text if "\n " in text or "\n\t" in text else text.lstrip()


def _decoded(first: int, last: int) -> str:
    """Return what the bytes of a range become under every encoding that ftfy can undo."""
    span = bytes(range(first, last + 1))
    found = {char for encoding in CHARMAP_ENCODINGS for char in span.decode(encoding, "ignore")}
    return "".join(sorted(re.escape(char) for char in found if ord(char) > 0x7F))


# UTF-8 read as something else shows as the image of a lead byte before that of a continuation byte; a no-break
# space (A0) may have become a space on the way, which matters after C3 ("à"). Looking for this first saves the
# long look that ftfy takes at each text.
_MOJIBAKE = re.compile(
    f"[{_decoded(0xC2, 0xF4)}][{_decoded(0x80, 0xBF)}]|[{_decoded(0xC3, 0xC3)}] |[\x80-\x9f]"
)

# What of it is evidence: a letter in a word, or as many bytes as an emoji or a word in another script has. "Ã©" on its
# own may as well be what somebody writes about.
_MOJIBAKE_RUN = re.compile(
    "[A-Za-z][^\x00-\x7f]{2}|[A-Za-z]Ã[ \xa0]|[^\x00-\x7f]{2}[A-Za-z]|[^\x00-\x7f]{4}"
)

_LINE_BREAK = re.compile("\r\n|[\r\v\f\u0085\u2028\u2029]")
# Two empty lines are as many as part one function, or one stanza, from the next.
_MAX_BREAKS = 3
_LOOSE_BREAK = re.compile(r"[ \t]+\n(?:[ \t]*\n)*|\n(?:[ \t]*\n){3,}|\n(?:[ \t]+\n)+")
_EMPTY_LINES_BEFORE = re.compile(r"\A(?:[ \t]*\n)+")
_BLANK = re.compile(r"[^\S\n\t ]")
_BLANKS = re.compile(r"[ \t]{2,}|\t")
_INNER_BLANKS = re.compile(r"(?<=\S)(?:[ \t]{2,}|\t)(?=\S)")
# So many lines with wide gaps make a table.
_MIN_ROWS = 2
_COLUMNS = re.compile(r"^.*?\S(?: {2,}|[ ]*\t)[ \t]*\S.*$", re.MULTILINE)
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

# Scripts in which a zero-width (non-)joiner chooses the shape of a letter, and so the word.
_JOINING = "".join(
    rf"\p{{scx={script}}}"
    for script in (
        *("Arabic", "Syriac", "Nko", "Mandaic", "Mongolian", "Adlam", "Hanifi_Rohingya"),
        *("Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada"),
        *(
            "Malayalam",
            "Sinhala",
            "Tibetan",
            "Myanmar",
            "Khmer",
            "Balinese",
            "Javanese",
            "Meetei_Mayek",
        ),
    )
)
_EMOJI_END = r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\U000e007f]"
# Scripts without spaces, in which a zero-width space marks where a line may break.
_UNSPACED = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"

_UNWANTED = regex.compile(
    rf"""
    (?= [\p{{C}}\ufe00-\ufe0f\U000e0100-\U000e01ef] )      # one look, where most characters are done with
    (?:
      [\p{{Cc}}--[\n\t]]                                    # control characters
    | [\p{{Cs}}\p{{Noncharacter_Code_Point}}]               # halves of pairs, what is no character
    | \p{{Bidi_Control}}                                    # directions that can hide or reorder text
    | (?<! \p{{Mongolian}} ) \u180e                         # parts a Mongolian word
    | [\u00ad\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb]
    | (?<! [[{_UNSPACED}]&&[\p{{L}}\p{{M}}]] ) \u200b       # space between words that have none
    | \u200b (?! [{_UNSPACED}] )
    | (?<! [[{_JOINING}]&&[\p{{L}}\p{{M}}]] ) \u200c
    | (?<! [[{_JOINING}]&&[\p{{L}}\p{{M}}]]                 # the shape of a letter, or
         | {_EMOJI_END} (?= \u200d\p{{Extended_Pictographic}} )
      ) \u200d                                              # several emoji in one
    | (?<! [^\p{{C}}\p{{Z}}\p{{Variation_Selector}}\n\t] ) [\ufe00-\ufe0f]
    | (?<! \p{{Han}} ) [\U000e0100-\U000e01ef]              # variants of a Han character
    | (?<! \U0001f3f4 [\U000e0020-\U000e007e]{{0,15}} ) [\U000e0020-\U000e007e]     # flags of regions,
    | (?<! \U0001f3f4 [\U000e0020-\U000e007e]{{1,16}} ) \U000e007f           # which begin with a black flag
    | [\U000e0000-\U000e001f]
    )
    """,
    regex.VERBOSE | regex.V1,
)
