"""Find the signs that carry a message: "C++" is not "C", "5 < 3" not "5 > 3", "No?" not "No!".

The same characters are decoration elsewhere ("=)", "*really*", "#tag"): what stands beside one tells. Signs that count
are attached to the word that they belong to, so that they don't make a post longer.
"""

import re

_ASCII_SIGNS = "+<=>#\\*^~!-'\u00b0?/:"
# They pass through the tables of words as characters that no text has.
_MARKS = "".join(chr(0xFDD0 + number) for number in range(len(_ASCII_SIGNS)))
_TO_MARKS, _FROM_MARKS = str.maketrans(_ASCII_SIGNS, _MARKS), str.maketrans(_MARKS, _ASCII_SIGNS)
# Operators, sharps and flats are never decoration, but for the dots and stars among them.
_OPERATORS = (
    "\u00ac\u00b1\u00d7\u00f7\u266d-\u266f\u2200-\u2211\u2213-\u2216"
    "\u221a-\u22c4\u22c7-\u22ff\u27c0-\u27ef\u2a00-\u2aff"
)
_ARROWS = "\u2190-\u21ff\u27f0-\u27ff"
KEPT = re.compile(f"[{_MARKS}{_OPERATORS}{_ARROWS}]")
_MARK = re.compile(f"[{_MARKS}]")

_ALNUM = r"[^\W_]"
_OPERAND_BEFORE = rf"(?:(?<={_ALNUM})|(?<={_ALNUM}[ ])|(?<=[)\]])|(?<=[)\]][ ]))"
_OPERAND_AFTER = rf"[ ]?(?=\(?{_ALNUM})"
# What stands at the first character of each: where one may begin is looked for first, and fast.
_SIGN = re.compile(
    rf"""
    ([+<=>~*^\\\#])\1{{2,}}                                                  # a ruled line
  | (?P<after> (?<={_ALNUM})\+{{1,2}}+(?![a-z0-9+]) | (?<=[a-z0-9])\#(?![a-z0-9\#])      # c++, c#, 18+, a+
      | (?<={_ALNUM})[\u266d-\u266f] | (?<=\d)\u00b0 )
  | (?:(?<=\b[a-z])|(?<=\bab))(?P<grade>[-\u2212\u2013])(?![\w-])           # a-, o-
  | (?P<inside> (?<=\d)'(?=\d) | (?<=\d)[*^]{{1,2}}(?={_ALNUM}) | (?<={_ALNUM})[*^]{{1,2}}(?=\d)
      | (?<=\b[a-z])[*^](?=[a-z]\b) )
  | {_OPERAND_BEFORE}(?P<between> [!+\-<=>]*[+<=>][!+\-<=>]* ){_OPERAND_AFTER}
  | (?P<before> (?:[+~]|[<>]=?)(?=\d) | [<>=]{{1,2}}\ (?=\d) )               # +5, ~5, <3, > 5
  | (?P<path> \\{{1,2}}(?={_ALNUM}) )
  | {_OPERAND_BEFORE}(?P<arrow> [{_ARROWS}] )\ufe0f?{_OPERAND_AFTER}
  | [{_ARROWS}]
  | (?P<operator> [{_OPERATORS}]\ufe0f?\ ? )
    """,
    re.VERBOSE,
)
_BEGINNING = re.compile(rf"[+<=>\#\\*^~!'\u00b0\u2212\u2013{_OPERATORS}{_ARROWS}-]")
_CERTAIN = re.compile(rf"[+<=>\\*^~\u00b0\u2212\u2013{_OPERATORS}{_ARROWS}]")
# The others are in many texts without counting.
_SHARP, _FEET, _GRADE = (
    re.compile("[a-z0-9]#"),
    re.compile(r"\d'\d"),
    re.compile(r"\b(?:[a-z]|ab)-(?![\w-])"),
)
_SPACED_DEGREE = re.compile("(?<=\\d) \u00b0")
_SPACED_MINUS = re.compile(r"(?<=\d) [-\u2212\u2013] (?=\d)")

# What asks a question in any script; a semicolon in Greek.
_SHORT_SIGN = re.compile(
    r"\s*(?P<question> [?\u061f\u055e\u1367\u2e2e\u203d\u2753\u2754]+ | (?<=[\u0370-\u03ff\u1f00-\u1fff]);+ )"
    r"|(?<=[^\W\d_])(?P<between>[/:])(?=[^\W\d_])",
    re.VERBOSE,
)

_SHORT_BEGINNING = re.compile("[?/:;\u061f\u055e\u1367\u2e2e\u203d\u2753\u2754]")

# Words that have to agree as numbers have to: those with a digit of any kind or a sign, arrows apart.
_DIGITS = "\\d\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209c\u2150-\u218b\u2460-\u249b"
_CURRENCIES = "$\u00a2-\u00a5\u20a0-\u20cf"
EXACT = re.compile(rf"[{_DIGITS}{_CURRENCIES}{_OPERATORS}+<=>#\\*^~!'\u00b0]|-\Z")


def mark_signs(text: str) -> str:
    """Return the text with the signs that count attached to their words, as marks, and the others left as they are."""
    if " - " in text or " \u2013 " in text or " \u2212 " in text:
        text = _SPACED_MINUS.sub("-", text)
    if " \u00b0" in text:
        text = _SPACED_DEGREE.sub("\u00b0", text)
    if not _may_have_signs(text):
        return text
    pieces, done, at = list[str](), 0, 0
    while beginning := _BEGINNING.search(text, at):
        at = beginning.end()
        if sign := _SIGN.match(text, beginning.start()):
            pieces += (text[done : sign.start()], _marked(sign))
            done = at = sign.end()
    return "".join((*pieces, text[done:])) if pieces else text


def _may_have_signs(text: str) -> bool:
    return (
        _CERTAIN.search(text) is not None
        or ("#" in text and _SHARP.search(text) is not None)
        or ("'" in text and _FEET.search(text) is not None)
        or ("-" in text and _GRADE.search(text) is not None)
    )


def mark_short_signs(text: str) -> str:
    """Return the same for signs that tell short posts apart only: a question mark, a slash or colon between letters."""
    return _SHORT_SIGN.sub(_marked_short, text)


def may_have_short_signs(text: str) -> bool:
    return _SHORT_BEGINNING.search(text) is not None


def has_marks(text: str) -> bool:
    return _MARK.search(text) is not None


def read_marks(text: str) -> str:
    """Return a text in which the marks are signs again."""
    return text.translate(_FROM_MARKS)


def _marked(match: re.Match[str]) -> str:
    kind, sign = match.lastgroup, match[0].strip(" \ufe0f")
    if kind in ("after", "inside"):
        return sign.translate(_TO_MARKS)
    if kind == "grade":
        return "-".translate(_TO_MARKS)
    if kind in ("between", "before", "path", "arrow", "operator"):
        return " " + sign.translate(_TO_MARKS)
    return " "


def _marked_short(match: re.Match[str]) -> str:
    return (
        "?".translate(_TO_MARKS)
        if match["question"]
        else f" {match['between']}".translate(_TO_MARKS)
    )
