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
# A mention begins after a sign, a letter beyond ASCII, "RT", or right behind another mention (\G).
_BEFORE = r"(?:(?<![A-Za-z0-9_])|(?<![A-Za-z0-9_.+-][Rr][Tt])(?<=[Rr][Tt])|\G)"
# As typed, full-width and small (U+FE6B).
_AT = "[@＠﹫]"
_MENTION = regex.compile(rf"{_BEFORE}{_AT}({_NAME}(?:{_AT}{_NAME})*+|{_OTHER_NAME})", regex.V1)
# The same where all is ASCII, by the engine that is faster with it.
_ASCII_NAME = "[A-Za-z0-9_]++(?:[.-]++[A-Za-z0-9_]++)*+"
_ASCII_MENTION = re.compile(
    rf"@(?:(?<![A-Za-z0-9_]@)|(?<![A-Za-z0-9_.+-][Rr][Tt]@)(?<=[Rr][Tt]@))({_ASCII_NAME}(?:@{_ASCII_NAME})*+)"
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """Replace @handle and @handle@server by "@" and a pseudonym; leave e-mail addresses alone."""

    pseudonyms: Pseudonyms
    name: ClassVar[str] = "mentions"

    def __call__(self, record: Record) -> Record:
        text = record.text
        if "@" not in text and (text.isascii() or ("＠" not in text and "﹫" not in text)):
            return record
        return redact(record, self._replacements(text))

    def _replacements(self, text: str) -> Iterator[Replacement]:
        for match in (_ASCII_MENTION if text.isascii() else _MENTION).finditer(text):
            if not _is_address(text, match.start(), match[1]):
                yield Replacement("mention", match.start(), match.end(), f"@{self.pseudonyms.handle(match[1])}")


def _is_address(text: str, at: int, name: str) -> bool:
    """Tell an e-mail address with letters beyond ASCII from a handle that follows a word without a space."""
    return at > 0 and text[at - 1].isalnum() and "." in name
