"""Find email addresses, also those spelt out to escape programs: "jo [at] example dot org"."""

import re
from collections.abc import Iterator

from dataset_export.pipeline.steps.personal_data.matches import PiiMatch

# RFC 5321, section 4.1.2, without quoted names; RFC 6531 lets letters of all scripts in. The bound on the length of a
# name (RFC 5321, section 4.5.3.1) keeps the search linear.
_NAME = r"(?<![\w@])\w[\w.+'%-]{0,63}"
_LABEL = r"[^\W_][\w-]{0,62}+"
# In scripts without spaces (from Thai on) anything may follow a dot: only top domains that exist count there.
_TOP = (
    r"(?:xn--[a-z0-9-]{2,59}|[A-Za-z]{2,24}(?![A-Za-z0-9])|(?:(?![A-Za-z\u0e00-\uffff])[^\W\d_]){2,24}"
    r"|中国|中國|公司|网络|香港|台湾|台灣|한국|닷컴|ไทย|みんな|世界)"
)
_ADDRESS = re.compile(rf"{_NAME}@(?:(?:{_LABEL}\.){{1,8}}{_TOP}|\[[\d.]{{7,15}}\])")

_AT_WORD = "at|a|ät|arroba|arobase|chiocciola"
_DOT_WORD = "dot|punkt|punto|point|ponto"
_BRACKETED_AT = rf"\ ?(?:[\[({{]\ ?(?:{_AT_WORD}|@)\ ?[\])}}]|<at>)\ ?"
_DOT = rf"(?:\.|\ ?(?:[\[({{]\ ?(?:{_DOT_WORD}|\.)\ ?[\])}}]|<dot>)\ ?|\ (?:{_DOT_WORD})\ )"
_SPELT = re.compile(
    rf"""
    (?P<name> (?<![\w@]) \w[\w.+-]{{0,63}} (?:\ (?:{_DOT_WORD})\ \w[\w+-]{{0,30}})? )
    (?: (?P<sure> {_BRACKETED_AT} ) | (?P<sign>@) | \ (?P<word>at|arroba|arobase|chiocciola)\  )
    (?P<domain> (?: [^\W_][\w-]{{0,62}}+ (?P<dot>{_DOT}) ){{1,4}} (?P<top>[a-z]{{2,24}}) ) (?!\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)

# Where "at" and "dot" are mere words, something else has to say that this is an address.
_MAIL_BEFORE = re.compile(
    r"\b(?:e-?mails?|mail|contact|write|reach|correo|courriel|adresse|address)\b", re.IGNORECASE
)
_PROVIDER = re.compile(
    r"(?:gmail|googlemail|hotmail|outlook|live|yahoo|icloud|aol|gmx|proton(?:mail)?|web|yandex)\b",
    re.IGNORECASE,
)
_LIKE_A_NAME = re.compile(r"[\d._+]")
_REACH = 40

# "icon@2x.png" is a file.
_FILE_ENDS = frozenset(
    ["png", "jpg", "jpeg", "gif", "webp", "svg", "css", "js", "html", "php", "pdf", "mp4"]
)
_HANDLE_BEFORE = re.compile(r"@[\w.+-]{0,64}\Z")
# From Thai on, scripts without spaces: a name there may follow a word directly.
_UNSPACED = re.compile(r"[\u0e00-\uffff]")
_ASCII_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+'%-]*\Z")

_MAYBE_SPELT = re.compile(
    rf" (?:at|arroba|arobase|chiocciola) [^\W_][\w-]{{0,62}}+(?:\.[a-z]| ?[\[({{]| (?:{_DOT_WORD}) )"
    rf"|[\[({{] ?(?:@|{_AT_WORD}) ?[\])}}]|<at>",
    re.IGNORECASE,
)
_AT_SIGN = re.compile(r"@(?<=[\w'%+.-]@)(?=[\w\[])")


def emails(text: str) -> Iterator[PiiMatch]:
    """Yield email addresses; a handle with its server, @jo@example.org, is none."""
    if "@" in text and _AT_SIGN.search(text):
        yield from _written(text)
        yield from _spelt_out(text)
    elif (_has_bracket(text) or has_word_for_at(text)) and _MAYBE_SPELT.search(text):
        yield from _spelt_out(text)


def has_word_for_at(text: str) -> bool:
    """Tell cheaply whether an address may be spelt out, without brackets."""
    return (
        " at " in text
        or " AT " in text
        or "arroba" in text
        or "arobase" in text
        or "chiocciola" in text
    )


def _has_bracket(text: str) -> bool:
    return "(" in text or "[" in text or "{" in text or "<at>" in text


def contains_email(text: str) -> bool:
    """Tell whether there is an address written the usual way."""
    return "@" in text and any(_written(text))


def _written(text: str) -> Iterator[PiiMatch]:
    for match in _ADDRESS.finditer(text):
        if (
            not _is_handle(text, match.start())
            and match[0].rpartition(".")[2].lower() not in _FILE_ENDS
        ):
            yield PiiMatch("email", _start_of_name(match), match.end())


def _spelt_out(text: str) -> Iterator[PiiMatch]:
    for match in _SPELT.finditer(text):
        if (
            not (match["sign"] and match["dot"] == ".")
            and not _is_handle(text, match.start())
            and _is_meant(match)
        ):
            yield PiiMatch("email", match.start(), match.end())


def _is_handle(text: str, start: int) -> bool:
    return _HANDLE_BEFORE.search(text, max(0, start - 65), start) is not None


def _start_of_name(match: re.Match[str]) -> int:
    name = match[0].partition("@")[0]
    tail = _ASCII_NAME.search(name)
    return match.start() + (tail.start() if tail and _UNSPACED.search(name) else 0)


def _is_meant(match: re.Match[str]) -> bool:
    """Tell "jo at example dot org" from "look at this dot com bubble"."""
    if match["sure"] or match["sign"] or _PROVIDER.match(match["domain"]):
        return True
    if _MAIL_BEFORE.search(match.string, max(0, match.start() - _REACH), match.start()):
        return True
    if match["dot"] == ".":
        return False
    loud = match["word"].isupper() and match["dot"].isupper() and not match["name"].isupper()
    return loud or _LIKE_A_NAME.search(match["name"]) is not None
