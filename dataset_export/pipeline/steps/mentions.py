"""Put per-snapshot pseudonyms in place of the people that a post mentions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import regex

from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.records import Record
from dataset_export.pipeline.redaction import Replacement, redact

# Letters of scripts in which handles are written and words are apart: in "@alice님" the name ends at "님".
_WORD = r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{M}\p{Nd}_]"
_NAME = rf"{_WORD}++(?:[.-]++{_WORD}++)*+"
# In other scripts nothing tells where a name ends before the next space or sign: rather a word too much than a name.
_OTHER_NAME = r"[\p{L}--[\p{Latin}\p{Cyrillic}\p{Greek}]][\p{L}\p{M}\p{N}_-]{0,29}+"
# As typed, full-width and small (U+FE6B).
_AT = "[@＠﹫]"
_MENTION = regex.compile(rf"{_AT}({_NAME}(?:{_AT}{_NAME})*+|{_OTHER_NAME})", regex.V1)
# The same where all is ASCII, by the engine that is faster with it.
_ASCII_NAME = "[A-Za-z0-9_]++(?:[.-]++[A-Za-z0-9_]++)*+"
_ASCII_MENTION = re.compile(rf"@({_ASCII_NAME}(?:@{_ASCII_NAME})*+)")

# A link may follow a name without a space.
_LINK = re.compile("https?://", re.IGNORECASE)
_LINK_LENGTH = len("https://")
# Behind a word, some names are what people write for "at": "dinner@home", "lol@you", "8pm@noon".
_NOBODY = frozenset(
    (
        *(
            "you",
            "u",
            "me",
            "him",
            "her",
            "us",
            "them",
            "it",
            "this",
            "that",
            "my",
            "your",
            "our",
            "the",
            "a",
            "an",
        ),
        *(
            "home",
            "work",
            "school",
            "noon",
            "night",
            "midnight",
            "least",
            "all",
            "localhost",
            "once",
            "last",
        ),
    )
)
_BEFORE_REPOST = re.compile(r"(?<![A-Za-z0-9_.+-])[Rr][Tt]\Z")


@dataclass(frozen=True, slots=True)
class Mentions:
    """Replace @handle and @handle@server by "@" and a pseudonym; leave email addresses alone."""

    pseudonyms: Pseudonyms
    name: ClassVar[str] = "mentions"

    def __call__(self, record: Record) -> Record:
        text = record.text
        if "@" not in text and (text.isascii() or ("＠" not in text and "﹫" not in text)):
            return record
        return redact(record, self._replacements(text))

    def _replacements(self, text: str) -> Iterator[Replacement]:
        done = 0
        for match in (_ASCII_MENTION if text.isascii() else _MENTION).finditer(text):
            start, end = match.start(), _end(text, match.start(), match.end())
            if end > start + 1 and (
                start == done > 0 or _is_handle(text, start, text[start + 1 : end])
            ):
                yield Replacement(
                    "mention", start, end, f"@{self.pseudonyms.handle(text[start + 1 : end])}"
                )
                done = end


def _end(text: str, start: int, end: int) -> int:
    """Return where a name ends: before a link at the latest."""
    link = _LINK.search(text, start, end + _LINK_LENGTH)
    return link.start() if link and link.start() < end else end


def _is_handle(text: str, at: int, name: str) -> bool:
    """Tell a handle that follows a word without a space from an email address, and from an "at" between words."""
    before = text[at - 1] if at else " "
    if not (before.isalnum() or before == "_"):
        return True
    if "." in name:
        return False
    if not (before.isascii() and name[0].isascii()) or _BEFORE_REPOST.search(
        text, max(0, at - 3), at
    ):
        return True
    return not name[0].isdigit() and len(name) > 1 and name.casefold() not in _NOBODY
