"""Guess the language of a text while it is written, for its author to change."""

import pycld2
import regex
from django.conf.locale import LANG_INFO

from common.text_entities import find_entities

# What CLD2 calls mere scripts, and its jokes: Klingon, Pig Latin and the like.
NO_LANGUAGES = frozenset({"un", "tlh", "xx", "xxx", "zzb", "zze", "zzh", "zzp"})
# Codes that ISO 639 has given up.
RENAMED = {"iw": "he", "in": "id", "jw": "jv", "ji": "yi"}
_LETTER = regex.compile(r"\p{L}")
MIN_LETTERS = 8


def language_names() -> dict[str, str]:
    """Return the names of the languages of the world, as far as they are known here, in their own words."""
    named = {
        code: info["name_local"]
        for code, info in LANG_INFO.items()
        if "name_local" in info and "-" not in code
    }
    return dict(sorted({**named, "zh": "中文"}.items(), key=lambda item: item[1].casefold()))


LANGUAGES = language_names()


def guess_language(text: str) -> str:
    """Return the language of a text (BCP 47); nothing where it is not clear."""
    words = language_tokens(text)
    if len(_LETTER.findall(words)) < MIN_LETTERS:
        return ""
    try:
        sure, _, ((_, code, *_), *_) = pycld2.detect(words, True)
    except (pycld2.error, UnicodeEncodeError):
        return ""  # control characters or halves of pairs
    language = RENAMED.get(code, code).partition("-")[0]
    return language if sure and language not in NO_LANGUAGES else ""


def language_tokens(text: str) -> str:
    """Return a text without its links, mentions and tags, which belong to no language."""
    parts, end = [], 0
    for found in find_entities(text):
        parts.append(text[end : found.start])
        end = found.end
    return " ".join([*parts, text[end:]])
