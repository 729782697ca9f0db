"""Find addresses of the web that carry somebody's key or name, and bare secrets."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from dataset_export.pipeline.links import find_links
from dataset_export.pipeline.steps.personal_data.emails import contains_email
from dataset_export.pipeline.steps.personal_data.matches import PiiMatch

# RFC 3986 in ASCII: in scripts without spaces, the sentence goes on right after an address.
_REST = r"[!#-;=?-~]"
_LINK = re.compile(rf"://{_REST}+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,15}\Z")
_BARE = re.compile(rf"(?<![\w.@/-])(?:[\w-]{{1,63}}\.){{1,5}}[a-z]{{2,24}}/{_REST}+", re.IGNORECASE)

_USER = re.compile(r"(?:[A-Za-z0-9+.-]{0,16}:)?//[^/?#@\s]+@")
_KEY = re.compile(
    r"""[?&\#;] (?: [\w.-]{0,30}[_.-] )?
    (?: access|auth|refresh|id|csrf )? (?:
        token | (?:api|access|secret)?key | secret | password | passwd | pwd | auth | authorization | sig | signature
      | session(?:id|key)? | (?:php|j|asp)sess?ion?id | phpsessid | sid | jwt | bearer | credentials?
      | e-?mail | phone | tel | mobile | whatsapp
    ) = [^&\#\s]{4}""",
    re.IGNORECASE | re.VERBOSE,
)
_CHAT = re.compile(r"(?:^|[/.])wa\.me/\+?\d{7}", re.IGNORECASE)
_AFTER = ".,;:!?'*)]}"

# What providers document as the shape of their keys; RFC 7519 for JSON web tokens, RFC 7468 for the blocks.
_SECRET = re.compile(
    r"""(?<![A-Za-z0-9_])(?:
        (?:AKIA|ASIA)[A-Z0-9]{16}
      | AIza[\w-]{35}
      | gh[pousr]_[A-Za-z0-9]{36,251} | github_pat_\w{22,255}
      | glpat-[\w-]{20,64} | hf_[A-Za-z0-9]{30,64} | npm_[A-Za-z0-9]{36}
      | [sr]k_(?:live|test)_[A-Za-z0-9]{16,255} | sk-[\w-]{20,255}
      | xox[abeoprs]-[A-Za-z0-9-]{10,255} | SG\.[\w-]{22}\.[\w-]{43}
      | eyJ[\w-]{8,4096}\.eyJ[\w-]{2,4096}\.[\w-]{0,4096}
    )(?![A-Za-z0-9_])
    | -----BEGIN\ [A-Z ]{0,30}PRIVATE\ KEY-----(?:[^<>-]|-(?!----))*+(?:-----END\ [A-Z ]{0,30}KEY-----)?""",
    re.VERBOSE,
)
# A run of words with hyphens looks like a key until one asks for a digit.
_DIGIT = re.compile(r"\d")


def secret_links(text: str) -> list[tuple[int, int]]:
    """Return where addresses stand, in order of their beginnings: links, and what has another scheme than the web's.

    A link with a name in front of its host ("https://jo:secret@example.org/") is none to pages, and one here.
    """
    places = find_links(text)
    starts = [start for start, _ in places]
    for match in _LINK.finditer(text):
        start, end = _begin(match), _end(match)
        at = bisect_right(starts, match.start()) - 1
        if at < 0 or places[at][1] < match.start():
            places.append((start, end))
        elif _USER.match(match[0][1:]):
            places[at] = (places[at][0], max(end, places[at][1]))
    return sorted(places)


def personal_links(text: str, places: list[tuple[int, int]]) -> Iterator[PiiMatch]:
    """Yield those of the addresses, and of such without a scheme, that open something or name somebody."""
    for start, end in places:
        if _is_personal(text[start:end]):
            yield PiiMatch("url", start, end)
    if "=" in text or "wa.me/" in text:
        for match in _BARE.finditer(text):
            if _CHAT.search(match[0]) or _KEY.search(match[0]):
                yield PiiMatch("url", match.start(), _end(match))


def secrets(text: str) -> Iterator[PiiMatch]:
    """Yield keys, tokens and private key blocks that need no name to be one."""
    if not _has_beginning_of_secret(text):
        return
    for match in _SECRET.finditer(text):
        if _DIGIT.search(match[0]) or match[0].startswith("-"):
            yield PiiMatch("secret", match.start(), match.end())


def _has_beginning_of_secret(text: str) -> bool:
    if "_" in text and ("gh" in text or "k_" in text or "hf_" in text or "npm_" in text):
        return True
    if "-" in text and (
        "sk-" in text or "xox" in text or "glpat-" in text or "-----BEGIN " in text
    ):
        return True
    return "AKIA" in text or "ASIA" in text or "AIza" in text or "eyJ" in text or "SG." in text


def _begin(match: re.Match[str]) -> int:
    scheme = _SCHEME.search(match.string, max(0, match.start() - 16), match.start())
    return scheme.start() if scheme else match.start()


def _end(match: re.Match[str]) -> int:
    return match.start() + len(match[0].rstrip(_AFTER))


def _is_personal(link: str) -> bool:
    if "@" in link and (_USER.match(link) or contains_email(link)):
        return True
    return ("=" in link and _KEY.search(link) is not None) or (
        "wa.me" in link and _CHAT.search(link) is not None
    )
