"""Searches posts: only readable ones by discoverable authors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import regex
from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.expressions import RawSQL
from psycopg.errors import QueryCanceled

from accounts.models import Mute
from accounts.selectors import Viewer, users_by_usernames
from common.pagination import MAX_ID
from common.snowflake import min_id_at
from common.text_folding import fold_accents
from posts.filtering import hidden_by_filter
from posts.models import KeywordFilter, Post
from timeline.search.parser import Author, Facet, Part, Phrase, Query
from timeline.search.time_buckets import Span, spans

# How many of the newest matches are ranked by relevance; older ones are by time.
RANK_WINDOW = 300
# Relevance bonus in ids (time) for exact phrases and short posts, twice at most.
RELEVANCE_BONUS = timedelta(days=7)
MAX_SEARCH_SECONDS = 1.5
# Time buckets searched if a full search would take too long: some weeks.
RECENT_SPANS = 3

COMMON_WORDS, COMMON_SHARE, COMMON_SECONDS = "search-common-words", 0.005, 600
STATISTICS = """
SELECT word FROM pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) AS common (word, share)
WHERE schemaname = current_schema() AND tablename = 'timeline_searchentry' AND attname = 'terms'
    AND word IS NOT NULL AND share >= %s
"""

Fragment = tuple[str, list[Any]]
Ranked = tuple[int, int]
_CURSOR = regex.compile(r"(?:(\d{1,19})-(\d{1,19})-)?(\d{1,19})", regex.ASCII)


class SearchCursor(NamedTuple):
    """Cursor of a results page.

    With an `anchor`: among ranked matches older than it, below `score` and `post_id`. Without:
    below `post_id`, by time.
    """

    post_id: int
    anchor: int | None = None
    score: int = 0

    def __str__(self) -> str:
        return f"{self.anchor}-{self.score}-{self.post_id}" if self.anchor else f"{self.post_id}"

    @classmethod
    def read(cls, text: str) -> "SearchCursor | None":
        found = _CURSOR.fullmatch(text)
        if found is None:
            return None
        numbers = [min(int(number), MAX_ID) if number else None for number in found.groups()]
        return cls(numbers[2] or 0, numbers[0], numbers[1] or 0)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Ordered ids of a page; `is_partial` if older posts were skipped for time."""

    ids: list[int]
    following: SearchCursor | None = None
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """A query with its names resolved and its very common words."""

    query: Query
    viewer: Viewer
    authors: dict[str, int]
    common: frozenset[str]

    @property
    def low(self) -> int:
        return min_id_at(self.query.since) if self.query.since else 0

    @property
    def high(self) -> int:
        return min_id_at(self.query.until) if self.query.until else MAX_ID


def resolve_query(query: Query, viewer: Viewer) -> Search:
    """Resolve the names in a query; unknown ones become problems."""
    if query.needs_person and viewer.is_anonymous:
        query.problems.append("Log in to search in what is yours.")
    names = {
        part.name for part in [*query.parts, *query.excluded_terms] if isinstance(part, Author)
    } - {"me"}
    authors = (
        {person.username.lower(): person.pk for person in users_by_usernames(names)}
        if names
        else {}
    )
    query.problems += [
        f"There is nobody here called @{name}." for name in sorted(names - authors.keys())
    ]
    if viewer.is_authenticated:
        authors["me"] = viewer.pk
    return Search(query, viewer, authors, common_words())


def search_posts(
    search: Search, *, size: int, cursor: SearchCursor | None = None, newest_first: bool = False
) -> SearchPage:
    """Return a page of matches: the newest by relevance, then the rest by time."""
    if newest_first or (cursor is not None and cursor.anchor is None):
        return _by_time(search, size, cursor)
    high = min(search.high, cursor.anchor + 1 if cursor and cursor.anchor else MAX_ID)
    rows, is_partial = _matching(search, high, RANK_WINDOW + 1)
    if not rows:
        return SearchPage([], is_partial=is_partial)
    ranked, further = sorted(rows[:RANK_WINDOW], key=by_score, reverse=True), rows[RANK_WINDOW:]
    anchor = cursor.anchor if cursor and cursor.anchor else rows[0][0]
    left = [
        row for row in ranked if cursor is None or by_score(row) < (cursor.score, cursor.post_id)
    ]
    page = left[:size]
    if len(left) > size:
        return SearchPage(ids_of(page), SearchCursor(page[-1][0], anchor, page[-1][1]), is_partial)
    return SearchPage(
        ids_of(page), SearchCursor(rows[RANK_WINDOW - 1][0]) if further else None, is_partial
    )


def _by_time(search: Search, size: int, cursor: SearchCursor | None) -> SearchPage:
    high = min(search.high, cursor.post_id) if cursor else search.high
    rows, is_partial = _matching(search, high, size + 1)
    page = rows[:size]
    return SearchPage(
        ids_of(page), SearchCursor(page[-1][0]) if len(rows) > size else None, is_partial
    )


def by_score(row: Ranked) -> tuple[int, int]:
    return row[1], row[0]


def ids_of(rows: Iterable[Ranked]) -> list[int]:
    return [pk for pk, _ in rows]


def _matching(search: Search, high: int, most: int) -> tuple[list[Ranked], bool]:
    """Return ids and scores of the newest matches below `high`, and whether older ones were
    skipped.
    """
    newest = newest_id(high)
    if newest is None or newest < search.low:
        return [], False
    wide = list(spans(search.low, newest + 1))
    for looked_at in (wide, wide[:RECENT_SPANS]):
        rows = run_with_timeout(*statement(search, looked_at, most))
        if rows is not None:
            return rows, looked_at is not wide
    return [], True


def newest_id(high: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(post_id) FROM timeline_searchentry WHERE post_id < %s", [high])
        row = cursor.fetchone()
    return row[0] if row else None


def run_with_timeout(sql: str, parameters: list[Any]) -> list[Ranked] | None:
    """Run a statement with a timeout; return its rows, newest first, or None."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true)",
                [f"{MAX_SEARCH_SECONDS * 1000:.0f}"],
            )
            cursor.execute(sql, parameters)
            rows = cursor.fetchall()
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise
    return sorted(rows, reverse=True)


# Weights of alt texts and poll options (C), and of the post's text (D).
WEIGHTS = "{0.1, 0.05, 1, 1}"
STATEMENT = """
WITH asked AS MATERIALIZED (SELECT {wanted} AS query, {words} AS words, {whole} AS whole),
matched AS MATERIALIZED (
    SELECT found.post_id
    FROM asked CROSS JOIN (VALUES {spans}) AS span (marks, low, high) CROSS JOIN LATERAL ({candidates}) AS found
    WHERE ({readable}) IS NOT NULL
    LIMIT %s
)
SELECT post_id, (post_id >> 16) + coalesce(
    (%s * ((ts_filter(terms, '{{d}}') @@ whole)::int + least(1, 10 * ts_rank('{weights}', terms, words, 1))))::bigint, 0
)
FROM asked CROSS JOIN matched JOIN timeline_searchentry USING (post_id)
"""
# Sorting below the visibility check runs it for few rows. The sum keeps PostgreSQL from scanning
# the id index of the whole bucket.
_CANDIDATES = """
SELECT post_id FROM timeline_searchentry
WHERE terms @@ coalesce(asked.query && span.marks, asked.query) AND post_id + 0 >= span.low AND post_id + 0 < span.high
ORDER BY post_id DESC OFFSET 0
"""
LIBRARY = """
SELECT post_id FROM (
    SELECT id AS post_id FROM posts_post WHERE author_id = %s AND repost_of_id IS NULL
    UNION SELECT post_id FROM posts_like WHERE user_id = %s
    UNION SELECT post_id FROM posts_bookmark WHERE user_id = %s
) AS library JOIN timeline_searchentry USING (post_id)
WHERE coalesce(terms @@ asked.query, true) AND post_id >= span.low AND post_id < span.high
ORDER BY post_id DESC OFFSET 0
"""


def statement(search: Search, looked_at: list[Span], most: int) -> tuple[str, list[Any]]:
    """Return the statement that searches bucket after bucket until it has `most` visible posts."""
    query = search.query
    words = [choice for choice in query.wanted if isinstance(choice[0], Phrase)]
    whole: list[list[Part]] = [
        [Phrase(part.text) for part in choice if isinstance(part, Phrase)] for choice in words
    ]
    if query.in_library:
        looked_at = [Span(None, looked_at[-1].low, looked_at[0].high)]
        candidates: Fragment = (LIBRARY, [search.viewer.pk] * 3)
    else:
        candidates = (_CANDIDATES, [])
    fragments = {
        "wanted": build_tsquery(search, query.wanted, query.excluded_terms),
        "words": build_tsquery(search, words),
        "whole": build_tsquery(search, whole),
        "spans": (
            ", ".join(["(%s::tsquery, %s::bigint, %s::bigint)"] * len(looked_at)),
            [value for span in looked_at for value in span],
        ),
        "candidates": candidates,
        "readable": visible_condition(query, search.viewer),
    }
    sql = STATEMENT.format(
        weights=WEIGHTS, **{name: fragment for name, (fragment, _) in fragments.items()}
    )
    parameters = [value for _, values in fragments.values() for value in values]
    return sql, [*parameters, most, RELEVANCE_BONUS / timedelta(milliseconds=1)]


def build_tsquery(
    search: Search, wanted: list[list[Part]], excluded_terms: Sequence[Part] = ()
) -> Fragment:
    """Return a tsquery for posts with one of each choice and no excluded term; NULL for nothing."""
    sides, parameters = [], []
    for choice in wanted:
        fragments = [as_tsquery(search, part) for part in choice]
        sides.append("(" + " || ".join(sql for sql, _ in fragments) + ")")
        parameters += [value for _, values in fragments for value in values]
    for part in excluded_terms:
        sql, values = as_tsquery(search, part)
        sides.append(f"coalesce(!!{sql}, '')")
        parameters += values
    return " && ".join(sides) or "NULL::tsquery", parameters


def as_tsquery(search: Search, part: Part) -> Fragment:
    match part:
        case Phrase(text, is_beginning):
            # Prefixes of very common words would match most of the index.
            return "search_tsquery(%s, %s)", [
                text,
                is_beginning and fold_accents(text.rstrip("*")) not in search.common,
            ]
        case Author(name):
            return "%s::tsquery", [f"'by={search.authors[name]}'"]
        case Facet(text) if text.startswith("#"):
            return "search_hashtag_tsquery(%s)", [text]
        case Facet(text):
            return "%s::tsquery", [f"'{text}'"]


def common_words() -> frozenset[str]:
    """Return the words of at least one post in two hundred, from PostgreSQL's statistics."""
    known = cache.get(COMMON_WORDS)
    if known is None:
        with connection.cursor() as cursor:
            cursor.execute(STATISTICS, [COMMON_SHARE])
            known = frozenset(word for (word,) in cursor.fetchall())
        cache.set(COMMON_WORDS, known, COMMON_SECONDS)
    return known


def visible_condition(query: Query, viewer: Viewer) -> Fragment:
    """Return the condition that the post `found` is visible: NULL if not."""
    # Reposts have no entries, so their originals need no check.
    posts = Post.objects.filter(pk=RawSQL("found.post_id", [])).readable_by(viewer)
    listed = Q(author__is_discoverable=True) & ~Q(visibility=Post.Visibility.UNLISTED)
    if viewer.is_anonymous:
        posts = posts.filter(listed)
    elif not query.in_library:
        hidden = Q(hidden_by_filter(viewer, KeywordFilter.Place.PUBLIC))
        posts = posts.filter(listed & ~hidden | Q(author=viewer))
        if not names_authors(query):
            posts = posts.exclude(
                Exists(Mute.objects.in_force().filter(muter=viewer, muted=OuterRef("author")))
            )
    sql, parameters = posts.values_list(Value(1)).query.sql_with_params()
    return sql, list(parameters)


def names_authors(query: Query) -> bool:
    return any(isinstance(choice[0], Author) for choice in query.wanted)
