"""Bring posts to the words by which they are compared."""

import re
import unicodedata

from dataset_export.pipeline.dedup.minhash.signs import (
    KEPT,
    has_marks,
    mark_short_signs,
    mark_signs,
    may_have_short_signs,
    read_marks,
)
from dataset_export.pipeline.folding import fold_for_comparison
from dataset_export.pipeline.links import has_link, replace_links

# In shorter posts each word is the message, as in "happy birthday mum".
MIN_TOKENS = 8

# Scripts without spaces between words; a unit is a letter with its marks.
_HAN_AND_KANA = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
)
_THAI_TO_KHMER = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
_CHARACTER = re.compile(f"[{_HAN_AND_KANA}]")
_CLUSTER = re.compile(f"[{_THAI_TO_KHMER}]")
_UNSPACED = re.compile(f"[{_HAN_AND_KANA}{_THAI_TO_KHMER}]")
_CLUSTER_BEFORE_OTHERS = re.compile(rf"([{_THAI_TO_KHMER}])(?=[^\W{_THAI_TO_KHMER}])")
# As long as a word is, about, in each.
CHARACTERS_A_WORD = 2
CLUSTERS_A_WORD = 4

# Each pattern begins with plain letters, for which the engine looks fast.
_MENTION = r"@(?<!\w@)\w+(?:[.@-]+\w+)*"
_MENTIONS = re.compile(_MENTION)
_REPOSTED = re.compile(rf"(?:\W*(?:\brt\s*)?{_MENTION}:?)+")
# What is left of an address that was cut off, as in "https…".
_CUT_ADDRESSES = re.compile(r"https?\b")
_PLACEHOLDERS = re.compile("<[a-z_]+>")
_TAG = re.compile(r"#\w*[^\W\d_]")
_WORD = re.compile(r"[^\W_]")
_DIGIT = re.compile(r"\d")

_APOSTROPHES = "'\u2019\u02bc\u0060\u00b4"
_TATWEEL = "\u0640"
# Turkish has four letters for the two cases of i; capitals tell them apart, but not if case is to make no difference.
_DOTLESS, _DOT = "\u0131", "\u0307"
_SILENT = f"{_APOSTROPHES}{_TATWEEL}{_DOT}"
_SIGNS = ".,:/\u2044-%"
_MINUS = "\u2212"


class _Table(dict[int, str]):
    """What str.translate puts in a character's place; found when a character is first met."""

    def __init__(self, kept: str) -> None:
        self._kept = kept

    def __missing__(self, code: int) -> str:
        self[code] = made = self._replacement(chr(code))
        return made

    def _replacement(self, char: str) -> str:
        category = unicodedata.category(char)
        if char in _SILENT or category in ("Cf", "Me") or "\ufe00" <= char <= "\ufe0f":
            return ""
        if char == _DOTLESS:
            return "i"
        if KEPT.match(char) or category == "Sc":
            return char
        if self._kept and (category == "Pd" or char == _MINUS):
            return "-"
        if char in self._kept:
            return char
        if category[0] == "L" and _UNSPACED.match(char):
            return f" {char} " if _CHARACTER.match(char) else f" {char}"
        return char if category[0] in "LMN" else " "


_TO_WORDS = _Table("")
_TO_WORDS_AND_NUMBERS = _Table(_SIGNS)
# The same for bytes of ASCII, which takes a tenth of the time: what stands in a place, and what goes without a trace.
_ASCII = [chr(code) for code in range(128)]
_ASCII_GONE = "".join(char for char in _ASCII if not char.translate(_TO_WORDS)).encode()
_ASCII_TO_WORDS = "".join(char.translate(_TO_WORDS) or char for char in _ASCII).encode().ljust(256)


def comparison_tokens(text: str) -> tuple[str, ...]:
    """Return the words of a post, in scripts without spaces its letters, without what copies often differ in.

    Case, width, punctuation, emoji, addresses, mentions, placeholders, the head of a repost and hashtags after the
    end are left out; a number keeps the signs in it, and signs that carry a message stay with their words (`signs`).
    Tags stay as words where less than a sentence is before them.
    """
    if has_link(text):
        # Before folding, by which a full-width sign that ends an address would become a part of it.
        text, _ = replace_links(text)
    text = _plain(fold_for_comparison(text))
    if "#" in text:
        before = _words(_without_last_tags(text))
        if _length(before) >= MIN_TOKENS - 1:
            return before
    return _words(text)


def _length(words: tuple[str, ...]) -> int:
    """Return about how many words these are, also where the script doesn't tell."""
    return len(words) // units_a_word(words)


def units_a_word(words: tuple[str, ...]) -> int:
    """Return how many of these stand for one word: 1, unless most are letters of a script without spaces."""
    firsts = "".join([word[0] for word in words])
    if firsts.isascii():
        return 1
    characters, clusters = len(_CHARACTER.findall(firsts)), len(_CLUSTER.findall(firsts))
    if 2 * (characters + clusters) < len(words):
        return 1
    return CHARACTERS_A_WORD if characters > clusters else CLUSTERS_A_WORD


def is_unspaced(word: str) -> bool:
    """Tell a letter of a script without spaces."""
    return _UNSPACED.match(word) is not None


def _plain(text: str) -> str:
    """Return the text without what stands for other pages and people; each look saves a slower one."""
    if "@" in text:
        if "rt" in text and (reposted := _REPOSTED.match(text)):
            text = text[reposted.end() :]
        text = _MENTIONS.sub(" ", text)
    if "http" in text:
        text = _CUT_ADDRESSES.sub(" ", text)
    if "<" in text:
        text = _PLACEHOLDERS.sub(" ", text)
    return text


def _without_last_tags(text: str) -> str:
    pieces = text.split()
    while pieces and (_TAG.match(pieces[-1]) or not _WORD.search(pieces[-1])):
        pieces.pop()
    return " ".join(pieces)


def _words(text: str) -> tuple[str, ...]:
    """Return the words with their signs; in a short post a question mark is one of them."""
    marked = mark_signs(text)
    words = _split(marked)
    if (
        len(words) < MIN_TOKENS * CLUSTERS_A_WORD
        and may_have_short_signs(text)
        and _length(words) < MIN_TOKENS
    ):
        marked = mark_short_signs(marked)
        words = _split(marked)
    if not words or not has_marks(marked):
        return words
    return tuple(read_marks(" ".join(words)).split(" "))


def _split(text: str) -> tuple[str, ...]:
    plain = text.isascii()
    if not plain and _CLUSTER.search(text):
        text = _CLUSTER_BEFORE_OTHERS.sub(r"\1 ", text)
    if not _DIGIT.search(text):
        if plain:
            return tuple(text.encode().translate(_ASCII_TO_WORDS, _ASCII_GONE).decode().split())
        return tuple(text.translate(_TO_WORDS).split())
    words: list[str] = []
    for piece in text.translate(_TO_WORDS_AND_NUMBERS).split():
        if piece.isalnum():
            words.append(piece)
        elif _DIGIT.search(piece):
            words.append(piece.lstrip(".,:/%").rstrip(".,:/-"))
        else:
            words += piece.translate(_TO_WORDS).split()
    return tuple(words)
