"""Parses search queries: words, "phrases", -not, #tags and filters such as from:ana.

Pure: any input gives a `Query`, with messages in `problems`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches

import regex

from common.text_entities import HASHTAG

MAX_QUERY_LENGTH = 300
MAX_TERMS = 16
# Words of so many letters match as prefixes, because there is no stemming.
_BEGINNING = 4
# Letters of other scripts carry more information.
BEGINNING_ELSEWHERE = 2

_PART = regex.compile(
    r"(?P<no>(?<![^\s\"])-)?(?:"
    r'(?P<operator>\p{L}+):(?P<value>"[^"]*"?|[^\s"]*)'
    r'|"(?P<phrase>[^"]*)"?'
    rf"|{HASHTAG}"
    r'|(?P<word>[^\s"]+)'
    r")",
    regex.V1,
)
QUOTES = str.maketrans("“”„«»＂", '""""""')
# Characters that match nothing; `search_tsvector` splits words at the same.
_EMPTY = regex.compile(r"[\s\p{P}\p{C}\p{M}$+<=>^`|~]*")
LATIN = regex.compile(r"[\p{Latin}\p{N}\p{M}\p{P}]*")
_LETTER = regex.compile(r"[\p{L}\p{N}]")
_NAME = regex.compile(r"@?([A-Za-z0-9_]{1,30})")
_LANGUAGE = regex.compile(r"([A-Za-z]{2,3})(-[A-Za-z0-9]{1,8})*")
DATE = regex.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", regex.ASCII)
# The last year whose ids fit into 64 bits is far away.
YEARS = range(1970, 3000)
HAS = ("media", "poll", "link")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Adjacent words in this order; the last may be a prefix."""

    text: str
    is_beginning: bool = False


@dataclass(frozen=True, slots=True)
class Author:
    """A user name, or `me`."""

    name: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet of a post, such as `#bread`, `has=media` or `lang=de`."""

    text: str


Part = Phrase | Author | Facet


@dataclass(slots=True)
class Query:
    """A parsed query: all of `wanted` (each a choice), none of `excluded_terms`, from `since` until
    before `until`.
    """

    text: str
    wanted: list[list[Part]] = field(default_factory=list)
    excluded_terms: list[Part] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    in_library: bool = False
    problems: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    @property
    def is_blank(self) -> bool:
        """Nothing was typed, so nothing is wrong."""
        return not self.text

    @property
    def parts(self) -> list["Part"]:
        return [part for choice in self.wanted for part in choice]

    @property
    def words(self) -> str:
        """The text without signs and filters, to search users and hashtags."""
        named = (
            part.text
            for part in self.parts
            if isinstance(part, Phrase | Facet) and "=" not in part.text
        )
        return " ".join(text.strip("#@*") for text in named)

    @property
    def tags(self) -> list[str]:
        """The required hashtags, without their sign."""
        return [
            part.text[1:]
            for part in self.parts
            if isinstance(part, Facet) and part.text.startswith("#")
        ]

    @property
    def needs_person(self) -> bool:
        """Whether the query refers to the reader's own posts."""
        return self.in_library or Author("me") in [*self.parts, *self.excluded_terms]

    def want(self, part: Part, *, instead: bool = False) -> None:
        """Add a required part; `instead` joins it with others of its kind."""
        for choice in self.wanted if instead else []:
            if kind_of(choice[0]) == kind_of(part):
                choice.append(part)
                return
        self.wanted.append([part])


def kind_of(part: Part) -> str:
    return part.text.partition("=")[0] if isinstance(part, Facet) else type(part).__name__


def parse_query(typed: str, today: date) -> Query:
    """Parse a query."""
    text = tidy(typed)
    query = Query(text)
    if len(text) > MAX_QUERY_LENGTH:
        query.problems.append(
            f"This is too long: {MAX_QUERY_LENGTH} characters are enough for a search."
        )
        return query
    parts = [found for found in _PART.finditer(text) if found["word"] != "-"]
    if len(parts) > MAX_TERMS:
        query.problems.append(
            f"This asks for too much at once: {MAX_TERMS} words and filters at the most."
        )
        return query
    for found in parts:
        _read_part(query, found, today)
    if query.text and not query.problems and not query.wanted and not query.in_library:
        query.problems.append(is_empty(query))
    if query.since and query.until and query.since >= query.until and not query.problems:
        query.problems.append("No day is after the one and before the other: change the dates.")
    return query


def tidy(typed: str) -> str:
    """Normalize input: storable text with plain quotation marks."""
    printable = regex.sub(
        r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}]+", " ", typed.encode("utf-8", "replace").decode()
    )
    return " ".join(printable.translate(QUOTES).split())


def is_empty(query: Query) -> str:
    if query.excluded_terms:
        return "Say also what to look for, not only what to leave out."
    if query.since or query.until:
        return "Add a word, a tag or a filter such as from: to the dates."
    return "There is nothing in this that posts could be found by. Try a word."


def _read_part(query: Query, found: regex.Match[str], today: date) -> None:
    is_unwanted = bool(found["no"])
    operator = (found["operator"] or "").lower()
    if operator in OPERATORS:
        read_filter(query, operator, found["value"].strip('"').strip(), is_unwanted, today)
        return
    if found["phrase"] is not None:
        part: Part = Phrase(found["phrase"])
    elif found["tag"] is not None:
        part = Facet("#" + found["tag"])
    else:
        part = plain_word(
            found["word"] or f"{found['operator']}:{found['value']}".replace('"', ""), is_unwanted
        )
        suggest_operator(query, operator, found["value"])
    add(query, part, is_unwanted)


def plain_word(text: str, is_unwanted: bool) -> Phrase:
    """Return a word, as a prefix if it is long enough or ends in an asterisk."""
    letters = len(_LETTER.findall(text))
    least = _BEGINNING if LATIN.fullmatch(text) else BEGINNING_ELSEWHERE
    asked = text.endswith("*") and letters >= BEGINNING_ELSEWHERE
    return Phrase(text, asked or (letters >= least and not is_unwanted))


def suggest_operator(query: Query, operator: str, value: str | None) -> None:
    """Suggest the filter meant by an unknown word with a colon."""
    close = get_close_matches(operator, OPERATORS, 1, 0.7) if operator and value else []
    if close:
        query.hints.append(
            f"“{operator}:” is no filter, so it was looked for as a word. Did you mean {close[0]}:?"
        )


def add(query: Query, part: Part, is_unwanted: bool, *, instead: bool = False) -> None:
    if isinstance(part, Phrase) and _EMPTY.fullmatch(part.text):
        return
    if is_unwanted:
        query.excluded_terms.append(part)
    else:
        query.want(part, instead=instead)


def read_filter(query: Query, operator: str, value: str, is_unwanted: bool, today: date) -> None:
    if not value:
        query.problems.append(
            f"Write something right after {operator}: without a blank, such as {EXAMPLES[operator]}."
        )
    else:
        OPERATORS[operator](query, operator, value, is_unwanted, today)


def read_name(query: Query, operator: str, value: str, is_unwanted: bool, today: date) -> None:
    name = _NAME.fullmatch(value)
    if name is None:
        query.problems.append(f"“{value}” is no name: write it as in {EXAMPLES[operator]}.")
    elif operator == "from":
        add(query, Author(name[1].lower()), is_unwanted, instead=True)
    else:
        add(query, Facet("@" + name[1].lower()), is_unwanted)


def read_has(query: Query, operator: str, value: str, is_unwanted: bool, today: date) -> None:
    kind = value.lower().removesuffix("s")
    if kind in HAS:
        add(query, Facet(f"has={kind}"), is_unwanted)
    else:
        query.problems.append("Use has:media, has:poll or has:link.")


def read_is(query: Query, operator: str, value: str, is_unwanted: bool, today: date) -> None:
    if value.lower() == "reply":
        add(query, Facet("is=reply"), is_unwanted)
    else:
        query.problems.append(
            "After is: goes reply; with -is:reply you find posts that answer nothing."
        )


def read_language(query: Query, operator: str, value: str, is_unwanted: bool, today: date) -> None:
    language = _LANGUAGE.fullmatch(value)
    if language:
        add(query, Facet(f"lang={language[1].lower()}"), is_unwanted, instead=True)
    else:
        query.problems.append(
            "After lang: goes the short code of a language, such as lang:de for German."
        )


def parse_scope(query: Query, operator: str, value: str, is_unwanted: bool, today: date) -> None:
    if value.lower() == "library" and not is_unwanted:
        query.in_library = True
    else:
        query.problems.append("in: knows in:library only: what you wrote, bookmarked or liked.")


def read_date(query: Query, operator: str, value: str, is_unwanted: bool, today: date) -> None:
    span = span_of(value, today)
    if is_unwanted:
        query.problems.append(f"There is no -{operator}: use before: and after: instead.")
    elif span is None:
        query.problems.append(
            f"“{value}” is no date: write it as 2026, 2026-11, 2026-11-03, today or yesterday."
        )
    else:
        begin, end = span
        if operator == "before":
            query.until = min(query.until or begin, begin)
        if operator in ("after", "during"):
            since = end if operator == "after" else begin
            query.since = max(query.since or since, since)
        if operator == "during":
            query.until = min(query.until or end, end)


def span_of(value: str, today: date) -> tuple[datetime, datetime] | None:
    """Return the start and end (exclusive) of a year, month or day in UTC; None if invalid."""
    near = {"today": today, "yesterday": today - timedelta(days=1)}.get(value.lower())
    written = DATE.fullmatch(near.isoformat() if near else value)
    if written is None:
        return None
    year, month, day = (int(part or 0) for part in written.groups())
    if year not in YEARS:
        return None
    try:
        begin = datetime(year, month if written[2] else 1, day if written[3] else 1, tzinfo=UTC)
    except ValueError:
        return None
    if written[3]:
        return begin, begin + timedelta(days=1)
    if written[2]:
        return begin, begin.replace(year=year + month // 12, month=month % 12 + 1)
    return begin, begin.replace(year=year + 1)


_Reader = Callable[[Query, str, str, bool, date], None]
OPERATORS: dict[str, _Reader] = {
    "from": read_name,
    "mentions": read_name,
    "has": read_has,
    "is": read_is,
    "lang": read_language,
    "before": read_date,
    "after": read_date,
    "during": read_date,
    "in": parse_scope,
}
EXAMPLES = {
    "from": "from:ana",
    "mentions": "mentions:ana",
    "has": "has:link",
    "is": "is:reply",
    "lang": "lang:de",
    "before": "before:2026-11-03",
    "after": "after:2026-11-03",
    "during": "during:2026-11",
    "in": "in:library",
}
