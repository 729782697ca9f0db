"""Find the links of a text: those that pages link, and what only looks like one to a reader."""

import re
from collections.abc import Iterator

from common.text_entities import AFTER_URL, TOKEN, url_in

_Span = tuple[int, int]

# Pages link neither an address without a scheme nor one whose host cannot be on the web, such as "http://localhost/x"
# or "https://…"; such an address is ASCII, as nothing else says where it ends.
_OTHERS = re.compile(r"(?P<bare>(?<![\w@/.-])[Ww]{3}\.)|[Hh][Tt][Tt][Pp][Ss]?://[!-~]*")
_SCHEME = re.compile("[Hh][Tt][Tt][Pp][Ss]?://")
# As long as an address can be that anybody follows.
_MAX_LENGTH = 2048


def has_link(text: str) -> bool:
    """Tell cheaply that there may be a link; no is certain."""
    return "://" in text or "www." in text or "WWW." in text or "Www." in text


def find_links(text: str) -> list[_Span]:
    """Return where links stand, in order; none lies inside another."""
    if not has_link(text):
        return []
    shared = list(_find_shared(text))
    found, done = list[_Span](), 0
    for start, end in [*shared, (len(text), len(text))]:
        found += _find_others(text, done, start)
        if end > start:
            found.append((start, end))
        done = end
    return found


def replace_links(text: str) -> tuple[str, int]:
    """Return the text with a space in place of each link, and how many there were."""
    spans = find_links(text)
    if not spans:
        return text, 0
    pieces, done = list[str](), 0
    for start, end in spans:
        pieces.append(text[done:start])
        done = end
    return " ".join((*pieces, text[done:])), len(spans)


def _find_shared(text: str) -> Iterator[_Span]:
    """Yield what `find_urls` does, without the look for names and tags that takes it most of its time."""
    done = 0
    for scheme in _SCHEME.finditer(text):
        if (
            scheme.start() >= done
            and (token := TOKEN.match(text, scheme.start()))
            and (url := url_in(token))
        ):
            done = token.end()
            yield token.start(), token.start() + len(url)


def _find_others(text: str, start: int, end: int) -> Iterator[_Span]:
    for match in _OTHERS.finditer(text, start, end):
        if match["bare"] is None:
            yield match.start(), match.start() + len(match[0].rstrip(AFTER_URL + ')]}"'))
        elif (
            token := TOKEN.match(
                "http://" + text[match.start() : min(end, match.start() + _MAX_LENGTH)]
            )
        ) and (url := url_in(token)):
            yield match.start(), match.start() + len(url) - len("http://")
