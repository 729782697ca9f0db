"""How long a text is, what it points to, and what it looks like as HTML.

What is a link, a mention or a hashtag says `common.text_entities`.
"""

import html
import unicodedata
from collections.abc import Mapping
from urllib.parse import quote

import regex

from common.text_entities import Entity, find_entities, find_hashtags, find_mentions, find_urls
from common.text_lines import normalize_line_ends

MAX_POST_LENGTH = 500
URL_WEIGHT = 23
TAG_LENGTH = 100

GRAPHEME = regex.compile(r"\X")
# Fillers are letters to Unicode, and still nothing is seen of them.
_INVISIBLE = regex.compile(r"[\s\p{C}\p{Default_Ignorable_Code_Point}\u2800]*")
BLANK_LINES = regex.compile(r"\n{2,}")
SHOWN_URL_LENGTH = 40


def length(text: str) -> int:
    """Return the length in graphemes (Unicode Annex 29), where a URL counts as 23 whatever its length."""
    urls = find_urls(text)
    edges = [0, *(edge for url in urls for edge in (url.start, url.end)), len(text)]
    rest = "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    return len(GRAPHEME.findall(rest)) + len(urls) * URL_WEIGHT


def normalize_text(text: str) -> str:
    """Return the text as it is stored: line ends of one kind, no blanks around it, no NUL."""
    return normalize_line_ends(text).replace("\x00", "").strip()


def is_blank(text: str) -> bool:
    """Say whether a text shows nothing: only blanks, format characters and fillers."""
    return _INVISIBLE.fullmatch(text) is not None


def mentions_in(text: str) -> list[str]:
    """Return the names of people in a text, as written, in order."""
    return [found.value for found in find_mentions(text)]


def tags_in(text: str) -> list[str]:
    """Return the hashtags in a text without their sign, as written, in order."""
    return [found.value[:TAG_LENGTH] for found in find_hashtags(text)]


def has_url(text: str) -> bool:
    return bool(find_urls(text))


def first_url(text: str) -> str:
    """Return the first URL in a text, empty where there is none."""
    return next((found.value for found in find_urls(text)), "")


def tag_name(label: str) -> str:
    """Return the name by which tags are the same: in any case, in letters of full or half width."""
    return unicodedata.normalize("NFKC", label).casefold()[:TAG_LENGTH]


def render(text: str, people: Mapping[str, str] | None = None) -> str:
    """Return safe HTML: paragraphs, line breaks, links for URLs, #tags and those @names that are people's.

    Each paragraph has the direction of its own words. URLs, tags and names are isolated from these and have no part in
    that: what begins with a name is written in any language. Search reads tags and names from this HTML.

    `people` has the usernames by their lower case.
    """
    return "".join(
        f'<p dir="auto">{render_paragraph(part, people or {})}</p>'
        for part in BLANK_LINES.split(text)
    )


def render_paragraph(text: str, people: Mapping[str, str]) -> str:
    parts: list[str] = []
    end = 0
    for found in find_entities(text):
        parts += [
            html.escape(text[end : found.start]),
            f"<bdi>{link(found, text[found.start : found.end], people)}</bdi>",
        ]
        end = found.end
    parts.append(html.escape(text[end:]))
    return "".join(parts).replace("\n", "<br>")


def isolate_entities(text: str) -> str:
    """Return safe HTML of a text, or the beginning of one, without links: what would be one is only isolated."""
    parts, end = [], 0
    for found in find_entities(text):
        parts += [
            html.escape(text[end : found.start]),
            f"<bdi>{html.escape(text[found.start : found.end])}</bdi>",
        ]
        end = found.end
    return "".join([*parts, html.escape(text[end:])])


def link(found: Entity, written: str, people: Mapping[str, str]) -> str:
    if found.kind == "url":
        href = html.escape(found.value)
        return f'<a href="{href}" rel="nofollow noopener noreferrer ugc">{display_url(found.value)}</a>'
    if found.kind == "tag":
        return f'<a href="/tags/{quote(tag_name(found.value))}" class="tag" rel="tag">{written}</a>'
    person = people.get(found.value.lower())
    return f'<a href="/@{person}" class="mention">{written}</a>' if person else written


def display_url(url: str) -> str:
    """Return a URL without its scheme, cut to fit a line."""
    rest = url.partition("://")[2]
    cut = rest if len(rest) <= SHOWN_URL_LENGTH else f"{rest[:SHOWN_URL_LENGTH]}…"
    return html.escape(cut)
