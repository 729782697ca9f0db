"""What a text points to, how long it is, and what it looks like as HTML.

Mentions, hashtags and links are found as the published twitter-text vectors expect, indices in code points, but for:

- A link needs its scheme. Without one, a blank that is missing after a full stop would make a link of "done.It".
- The last part of a host is any two letters or more: a list of top-level domains grows old with every new one.
- A link's path goes on over letters of every script that puts blanks between words, not only Latin and Cyrillic ones.
- A name has up to 30 characters, the names here. Behind a slash there is none: it is the path of an address.
- Cashtags, lists behind names and the forms of t.co's links belong to X alone.
"""

import html
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import regex

MAXIMUM_LENGTH = 500
URL_LENGTH = 23
TAG_LENGTH = 100

GRAPHEME = regex.compile(r"\X")
# Written without blanks between words, so that a link would swallow the sentence after it.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u3000-\u303f\uff00-\uffef"
PATH = rf"(?:[A-Za-z0-9!*';:=+,.$/%#\[\]_~@&|?\u2013-]|(?![{UNSPACED}])[\p{{L}}\p{{M}}\p{{Nd}}])"
# What joins the parts of a word in some language: joiners, Hebrew and Tibetan marks, waves, middle dots.
JOINERS = r"_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"
# Each repetition gives nothing back, so that the time is linear in the text. static/js/urls.js has the same for links.
TOKEN = regex.compile(
    rf"""
    (?<![A-Za-z0-9@＠$\#＃])[Hh][Tt][Tt][Pp][Ss]?://
        (?P<host>[\p{{L}}\p{{M}}\p{{N}}\p{{So}}._-]++)(?P<port>:[0-9]{{1,5}}+)?+
        (?P<path>(?=[/?\#])(?:{PATH}|\((?:{PATH}|\({PATH}*+\))*+\))*+)?+
    | (?:(?<![A-Za-z0-9_!\#$%&*@＠/])|(?<=(?<![A-Za-z0-9_+~.-])[Rr][Tt]))
        [@＠](?P<mention>[A-Za-z0-9_]{{1,30}}+)(?![A-Za-z0-9_@＠]|\p{{Latin}}|://)
    | (?<![[\p{{L}}\p{{M}}\p{{Nd}}&/{JOINERS}]--[\ufe0e\ufe0f]])
        [\#＃](?![\ufe0f\u20e3])(?P<tag>[\p{{Nd}}{JOINERS}]*+[\p{{L}}\p{{M}}][\p{{L}}\p{{M}}\p{{Nd}}{JOINERS}]*+)
        (?![\#＃]|://)
    """,
    regex.VERBOSE | regex.V1,
)
# What belongs to the sentence where a link ends with it.
AFTER_URL = "!*';:,.$%[]~@|?"
TOP_LEVEL = regex.compile(r"[\p{L}\p{M}]{2,}|[Xx][Nn]--[A-Za-z0-9-]+")
LONGEST_LABEL, LONGEST_HOST = 63, 253
DIVIDERS = frozenset("/?#@:")
# Fillers are letters to Unicode, and still nothing is seen of them.
INVISIBLE = regex.compile(r"[\s\p{C}\p{Default_Ignorable_Code_Point}\u2800]*")
BLANK_LINES = regex.compile(r"\n{2,}")
SHOWN_URL_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Entity:
    """A URL, a mention or a tag in a text, from `start` up to `end`; `value` is without the sign."""

    kind: str
    value: str
    start: int
    end: int


def entities(text: str) -> Iterator[Entity]:
    """Yield what a text points to, in order; none lies inside another."""
    for token in TOKEN.finditer(text):
        if token["host"] is None:
            kind = "mention" if token["mention"] else "tag"
            yield Entity(kind, token[kind], *token.span())
        elif url := url_in(token):
            yield Entity("url", url, token.start(), token.start() + len(url))


def url_in(token: regex.Match[str]) -> str:
    """Return what of a token is a URL; nothing where its host cannot be one."""
    host = token["host"].rstrip(".")
    if not is_host(host):
        return ""
    if host != token["host"]:
        return token.string[token.start() : token.start("host") + len(host)]
    path = token["path"] or ""
    return token[0].removesuffix(path) + path.rstrip(AFTER_URL)


def is_host(host: str) -> bool:
    """Say whether a name of a host can be one on the web (RFC 1123, and letters of all scripts)."""
    *labels, top = host.split(".")
    return (
        len(host) <= LONGEST_HOST
        # Signs such as ℀, which would end the host of an address where it is read.
        and not DIVIDERS & set(unicodedata.normalize("NFKC", host))
        and bool(labels)
        and all(is_label(label) for label in labels)
        and "_" not in labels[-1]
        and TOP_LEVEL.fullmatch(top) is not None
    )


def is_label(label: str) -> bool:
    encoded = label[:4].lower() == "xn--"
    return 0 < len(label) <= LONGEST_LABEL and label.strip("-_") == label and (not encoded or label.isascii())


def length(text: str) -> int:
    """Return the length in graphemes (Unicode Annex 29), where a URL counts as 23 whatever its length."""
    urls = [found for found in entities(text) if found.kind == "url"]
    edges = [0, *(edge for url in urls for edge in (url.start, url.end)), len(text)]
    rest = "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    return len(GRAPHEME.findall(rest)) + len(urls) * URL_LENGTH


def tidy(text: str) -> str:
    """Return the text as it is stored: line ends of one kind, no blanks around it, no NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


def is_blank(text: str) -> bool:
    """Say whether a text shows nothing: only blanks, format characters and fillers."""
    return INVISIBLE.fullmatch(text) is not None


def mentions_in(text: str) -> list[str]:
    """Return the names of people in a text, as written, in order."""
    return [found.value for found in entities(text) if found.kind == "mention"]


def tags_in(text: str) -> list[str]:
    """Return the hashtags in a text without their sign, as written, in order."""
    return [found.value[:TAG_LENGTH] for found in entities(text) if found.kind == "tag"]


def has_url(text: str) -> bool:
    return any(found.kind == "url" for found in entities(text))


def first_url(text: str) -> str:
    """Return the first URL in a text, empty where there is none."""
    return next((found.value for found in entities(text) if found.kind == "url"), "")


def tag_name(label: str) -> str:
    """Return the name by which tags are the same: in any case, in letters of full or half width."""
    return unicodedata.normalize("NFKC", label).casefold()[:TAG_LENGTH]


def render(text: str, people: Mapping[str, str] | None = None) -> str:
    """Return safe HTML: paragraphs, line breaks, links for URLs, #tags and those @names that are people's.

    `people` has the usernames by their lower case.
    """
    return "".join(f"<p>{render_paragraph(part, people or {})}</p>" for part in BLANK_LINES.split(text))


def render_paragraph(text: str, people: Mapping[str, str]) -> str:
    parts: list[str] = []
    end = 0
    for found in entities(text):
        parts += [html.escape(text[end : found.start]), link(found, text[found.start : found.end], people)]
        end = found.end
    parts.append(html.escape(text[end:]))
    return "".join(parts).replace("\n", "<br>")


def link(found: Entity, written: str, people: Mapping[str, str]) -> str:
    if found.kind == "url":
        href = html.escape(found.value)
        return f'<a href="{href}" rel="nofollow noopener noreferrer ugc">{shown_url(found.value)}</a>'
    if found.kind == "tag":
        return f'<a href="/tags/{quote(tag_name(found.value))}" class="tag" rel="tag">{written}</a>'
    person = people.get(found.value.lower())
    return f'<a href="/@{person}" class="mention">{written}</a>' if person else written


def shown_url(url: str) -> str:
    """Return a URL without its scheme, cut to fit a line."""
    rest = url.partition("://")[2]
    cut = rest if len(rest) <= SHOWN_URL_LENGTH else f"{rest[:SHOWN_URL_LENGTH]}…"
    return html.escape(cut)
