"""Undo the escaping of a whole text for HTML, and leave alone what somebody writes about entities."""

import html
import re

_ENTITY = re.compile(
    r"&(?:(?P<name>[A-Za-z][A-Za-z0-9]{1,31})|#(?P<code>[0-9]{2,7})|#[xX](?P<hex>[0-9A-Fa-f]{2,6}));"
)
# What programs escape in a text, by the characters that they leave in none of it.
_ESCAPED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ESCAPED_CODES = {38: "&", 60: "<", 62: ">", 34: '"', 39: "'"}
# One sign on its own among words is hardly ever a part of the sentence.
_LONE = re.compile(r"(?<!\S)&[#\w]+;(?!\S)")
_MARKUP = re.compile("[<>]|&(?!amp;|lt;|gt;|quot;|apos;|#|[A-Za-z]{1,31};)")

# Words of those who write about it, in some languages.
_ABOUT = re.compile(
    r"""\b(?: html | xml | css | entit(?:y|ies|[àé]s?) | entidad(?:e?s)? | escap(?:e[ds]?|ing|ar|ado) | ampersands?
      | markup
      | (?:en|de)cod(?:e[ds]?|ing|age) | codifica(?:ción|ção) | [ck]odierung | charsets? | character\ sets?
      | utf-?\ ?8 | unicode | ascii | latin-?1 | iso-?8859\S* | windows-?125\d | cp-?125\d | mojibake | garbled
      | (?:shows?|shown|appears?|displays?|displayed|rendered|renders)\ (?:up\ )?as | instead\ of | turn(?:s|ed)?\ into
      | stands?\ for | not\ [<>&]
      ) \b
    | кодировк | 文字化け | 乱码 | 亂碼 | 编码 | 編碼 | エンコード | 인코딩 | ترميز""",
    re.IGNORECASE | re.VERBOSE,
)
_ABOUT_ENTITY = re.compile(
    r"\b(?:type|typed|typing|write|writes|wrote|use|uses|used|using|put|enter|insert|add|means?|called)\s+[\"'“‘`]?&[#\w]+;"
    r"|[`\"'“‘«]&[#\w]+;[`\"'”’»]",
    re.IGNORECASE,
)


def mentions_encodings(text: str) -> bool:
    """Tell whether the words are about encodings or HTML, so that broken letters in it may be meant."""
    return _ABOUT.search(text) is not None


def unescape(text: str) -> str:
    """Return the text without entities, where a program has clearly escaped all of it; otherwise as it is.

    All of it: no bare "<", ">" or "&" is left, no quote beside an escaped one, no letter beyond ASCII beside numbered
    ones. A text that would still have entities was either escaped twice or is about them, and stays.
    """
    entities = list(_ENTITY.finditer(text))
    if not entities or _MARKUP.search(text):
        return text
    bare = _ENTITY.sub("", text)
    read = [_read(entity) for entity in entities]
    escaped = {char for char in read if char is not None}
    if None in read or any(char in bare for char in escaped & {'"', "'"}):
        return text
    if any(char.isalpha() for char in escaped) and not any(map(_is_in_word, entities)):
        return text
    if len(entities) == 1 and escaped <= set("<>\"'") and _LONE.search(text):
        return text
    if not (text.isascii() or all(char.isascii() for char in escaped)):
        return text
    plain = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if _ENTITY.search(plain) or _ABOUT_ENTITY.search(text) or mentions_encodings(plain):
        return text
    return plain


def _read(entity: re.Match[str]) -> str | None:
    """Return what an entity stands for if a program that escapes a text would write it so."""
    if entity["name"]:
        if entity["name"] in _ESCAPED:
            return _ESCAPED[entity["name"]]
        char = html.unescape(entity[0])
        return char if len(char) == 1 and char.isalpha() else None
    code = int(entity["code"]) if entity["code"] else int(entity["hex"], 16)
    if code in _ESCAPED_CODES:
        return _ESCAPED_CODES[code]
    is_character = 0xA0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_character and html.unescape(entity[0]) == chr(code) else None


def _is_in_word(entity: re.Match[str]) -> bool:
    text = entity.string
    return (
        text[entity.start() - 1 : entity.start()].isalpha()
        or text[entity.end() : entity.end() + 1].isalpha()
    )
