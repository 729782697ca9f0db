"""Find links, mentions and hashtags in a text: the one definition for pages, counts, search and the datasets.

Plain Python without Django, as the pipeline of datasets imports it, too. All positions are in code points.

They are found as the published twitter-text vectors expect, but for:

- A link needs its scheme. Without one, a blank that is missing after a full stop would make a link of "done.It".
- The last part of a host is any two letters or more: a list of top-level domains grows old with every new one.
- A link's path goes on over letters of every script that puts blanks between words, not only Latin and Cyrillic ones.
- A name has up to 30 characters, the names here. Behind a slash there is none: it is the path of an address.
- Cashtags, lists behind names and the forms of t.co's links belong to X alone.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import regex

# Written without blanks between words, so that a link would swallow the sentence after it.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u3000-\u303f\uff00-\uffef"
PATH = rf"(?:[A-Za-z0-9!*';:=+,.$/%#\[\]_~@&|?\u2013-]|(?![{_UNSPACED}])[\p{{L}}\p{{M}}\p{{Nd}}])"
# What joins the parts of a word in some language: joiners, Hebrew and Tibetan marks, waves, middle dots.
JOINERS = r"_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"
# A hashtag's sign and name, for where it is known that one may begin.
HASHTAG = (
    r"[#＃](?![\ufe0f\u20e3])"
    rf"(?P<tag>[\p{{Nd}}{JOINERS}]*+[\p{{L}}\p{{M}}][\p{{L}}\p{{M}}\p{{Nd}}{JOINERS}]*+)(?![#＃]|://)"
)
# Each repetition gives nothing back, so that the time is linear in the text. static/js/urls.js has the same for links.
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
# What belongs to the sentence where a link ends with it.
AFTER_URL = "!*';:,.$%[]~@|?"
# No top-level domain is of two scripts: in "example.comは" the sentence goes on.
ASCII_TOP_LEVEL = regex.compile(rf"[A-Za-z]{{2,}}+(?=[{_UNSPACED}])")
TOP_LEVEL = regex.compile(r"[\p{L}\p{M}]{2,}|[Xx][Nn]--[A-Za-z0-9-]+")
MAX_HOST_LABEL_LENGTH, MAX_HOST_LENGTH = 63, 253
DIVIDERS = frozenset("/?#@:")


_Kind = Literal["url", "mention", "tag"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A URL, a mention or a tag in a text, from `start` up to `end`; `value` is without the sign."""

    kind: _Kind
    value: str
    start: int
    end: int


def find_entities(text: str) -> Iterator[Entity]:
    """Yield links, mentions and hashtags in order; none lies inside another."""
    for token in TOKEN.finditer(text):
        if token["host"] is None:
            kind: _Kind = "mention" if token["mention"] else "tag"
            yield Entity(kind, token[kind], *token.span())
        elif url := url_in(token):
            yield Entity("url", url, token.start(), token.start() + len(url))


def find_urls(text: str) -> list[Entity]:
    """Return the links of a text; `value` is the address as it stands there, without what ends the sentence."""
    return find_kind(text, "url") if "://" in text else []


def find_mentions(text: str) -> list[Entity]:
    """Return the names of people in a text; `value` is without the sign, as written."""
    return find_kind(text, "mention") if "@" in text or "＠" in text else []


def find_hashtags(text: str) -> list[Entity]:
    """Return the hashtags of a text; `value` is without the sign, as written and at full length."""
    return find_kind(text, "tag") if "#" in text or "＃" in text else []


def find_kind(text: str, kind: _Kind) -> list[Entity]:
    # All kinds are looked for together, as there is neither a tag nor a mention inside a link.
    return [found for found in find_entities(text) if found.kind == kind]


def url_in(token: regex.Match[str]) -> str:
    """Return what of a token is a URL; nothing where its host cannot be one."""
    host = end_host(token["host"].rstrip("."))
    if not is_host(host):
        return ""
    if host != token["host"]:
        return token.string[token.start() : token.start("host") + len(host)]
    path = token["path"] or ""
    return token[0].removesuffix(path) + path.rstrip(AFTER_URL)


def end_host(host: str) -> str:
    """Return a host without the words of a script without blanks that follow it."""
    top = ASCII_TOP_LEVEL.match(host, host.rfind(".") + 1)
    return host[: top.end()] if top else host


def is_host(host: str) -> bool:
    """Say whether a name of a host can be one on the web (RFC 1123, and letters of all scripts)."""
    *labels, top = host.split(".")
    return (
        len(host) <= MAX_HOST_LENGTH
        # Signs such as ℀, which would end the host of an address where it is read.
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
