"""Finds links, mentions and hashtags: the one definition for pages, counts, search and datasets.

Plain Python without Django, because the datasets' pipeline imports it. Positions are in code
points.

Follows the published twitter-text vectors, except:

- A link needs its scheme; otherwise a missing space after a full stop makes "done.It" a link.
- The last label of a host is any two letters or more: a list of top-level domains would age.
- Paths continue over letters of every script with spaces, not only Latin and Cyrillic.
- User names have up to 30 characters. After a slash there is none: it belongs to a path.
- Cashtags, list slugs and t.co forms are specific to X.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import regex

# Scripts without spaces, in which a link would swallow the sentence after it.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u3000-\u303f\uff00-\uffef"
PATH = rf"(?:[A-Za-z0-9!*';:=+,.$/%#\[\]_~@&|?\u2013-]|(?![{_UNSPACED}])[\p{{L}}\p{{M}}\p{{Nd}}])"
# Joins parts of a word in some language: joiners, Hebrew and Tibetan marks, waves, middle dots.
JOINERS = r"_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"
# A hashtag's sign and name, where one may begin.
HASHTAG = (
    r"[#＃](?![\ufe0f\u20e3])"
    rf"(?P<tag>[\p{{Nd}}{JOINERS}]*+[\p{{L}}\p{{M}}][\p{{L}}\p{{M}}\p{{Nd}}{JOINERS}]*+)(?![#＃]|://)"
)
# Possessive repetitions keep the time linear in the text. static/js/urls.js matches links alike.
TOKEN = regex.compile(
    rf"""
    (?<![A-Za-z0-9@＠$\#＃])[Hh][Tt][Tt][Pp][Ss]?://
        (?P<host>[\p{{L}}\p{{M}}\p{{N}}\p{{So}}._-]++)(?P<port>:[0-9]{{1,5}}+)?+
        (?P<path>(?=[/?\#])(?:{PATH}|\((?:{PATH}|\({PATH}*+\))*+\))*+)?+
    | (?:(?<![A-Za-z0-9_!\#$%&*@＠/])|(?<=(?<![A-Za-z0-9_+~.-])[Rr][Tt]))
        [@＠](?P<mention>[A-Za-z0-9_]{{1,30}}+)(?![A-Za-z0-9_@＠]|\p{{Latin}}|://)
    | (?<![[\p{{L}}\p{{M}}\p{{Nd}}&/{JOINERS}]--[\ufe0e\ufe0f]])
        {HASHTAG}
    """,
    regex.VERBOSE | regex.V1,
)
# Punctuation that belongs to the sentence, not to the link before it.
AFTER_URL = "!*';:,.$%[]~@|?"
# No top-level domain mixes scripts: "example.comは" continues the sentence.
ASCII_TOP_LEVEL = regex.compile(rf"[A-Za-z]{{2,}}+(?=[{_UNSPACED}])")
TOP_LEVEL = regex.compile(r"[\p{L}\p{M}]{2,}|[Xx][Nn]--[A-Za-z0-9-]+")
MAX_HOST_LABEL_LENGTH, MAX_HOST_LENGTH = 63, 253
DIVIDERS = frozenset("/?#@:")


_Kind = Literal["url", "mention", "tag"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A URL, mention or hashtag from `start` to `end` (exclusive); `value` is without the sign."""

    kind: _Kind
    value: str
    start: int
    end: int


def find_entities(text: str) -> Iterator[Entity]:
    """Yield links, mentions and hashtags in order; they never overlap."""
    for token in TOKEN.finditer(text):
        if token["host"] is None:
            kind: _Kind = "mention" if token["mention"] else "tag"
            yield Entity(kind, token[kind], *token.span())
        elif url := url_in(token):
            yield Entity("url", url, token.start(), token.start() + len(url))


def find_urls(text: str) -> list[Entity]:
    """Return the links of a text, without trailing punctuation."""
    return find_kind(text, "url") if "://" in text else []


def find_mentions(text: str) -> list[Entity]:
    """Return the mentioned user names as written, without the sign."""
    return find_kind(text, "mention") if "@" in text or "＠" in text else []


def find_hashtags(text: str) -> list[Entity]:
    """Return the hashtags as written, at full length and without the sign."""
    return find_kind(text, "tag") if "#" in text or "＃" in text else []


def find_kind(text: str, kind: _Kind) -> list[Entity]:
    # One pass for all kinds: a link contains neither hashtags nor mentions.
    return [found for found in find_entities(text) if found.kind == kind]


def url_in(token: regex.Match[str]) -> str:
    """Return the URL within a token, or nothing if its host is invalid."""
    host = end_host(token["host"].rstrip("."))
    if not is_host(host):
        return ""
    if host != token["host"]:
        return token.string[token.start() : token.start("host") + len(host)]
    path = token["path"] or ""
    return token[0].removesuffix(path) + path.rstrip(AFTER_URL)


def end_host(host: str) -> str:
    """Cut off what follows a host in a script without spaces."""
    top = ASCII_TOP_LEVEL.match(host, host.rfind(".") + 1)
    return host[: top.end()] if top else host


def is_host(host: str) -> bool:
    """Tell whether a host name is valid on the web (RFC 1123, plus letters of all scripts)."""
    *labels, top = host.split(".")
    return (
        len(host) <= MAX_HOST_LENGTH
        # Characters such as ℀, which browsers expand beyond the host.
        and not DIVIDERS & set(unicodedata.normalize("NFKC", host))
        and bool(labels)
        and all(is_label(label) for label in labels)
        and "_" not in labels[-1]
        and TOP_LEVEL.fullmatch(top) is not None
    )


def is_label(label: str) -> bool:
    encoded = label[:4].lower() == "xn--"
    return (
        0 < len(label) <= MAX_HOST_LABEL_LENGTH
        and label.strip("-_") == label
        and (not encoded or label.isascii())
    )
