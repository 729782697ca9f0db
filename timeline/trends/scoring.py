"""What is talked about: tags, posts and links, by how many different people, and how lately.

Nobody counts twice for one thing. Of posts that say the same, only the earliest counts, so that copies, from however
many accounts, are one voice. Only public posts count, without warning, by people who let be found; and what too few
are about is none of it, however loud they are.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db import connection, transaction

from common.snowflake import SEQUENCE_BITS, min_id_at
from common.text_entities import find_urls
from timeline.models import Trend
from timeline.models.trend import MAX_TREND_URL_LENGTH

# After this time somebody's interest counts half.
HALF_LIFE = timedelta(hours=12)
_WINDOW = timedelta(days=3)
MIN_PEOPLE = 5
# As many of each kind as an admin may want to look at.
MAX_TRENDS = 200
THOUSAND = 1000
# Parameters that say where a reader came from, not what the page is.
TRACKING = {"fbclid", "gclid", "igshid", "mc_cid", "mc_eid", "ref_src"}

# The posts that count; `said` is the letters of a post without addresses and names, the same for copies.
ELIGIBLE_POSTS = """
SELECT posts_post.id, author_id, text, has_link,
    md5(regexp_replace(
        search_normalize(text), 'https?://\\S+|@\\w+|[^[:alpha:]]' COLLATE pg_unicode_fast, '', 'g'
    )) AS said
FROM posts_post JOIN accounts_user ON accounts_user.id = author_id
WHERE posts_post.id >= %(since)s AND posts_post.id < %(until)s AND visibility = 'public' AND repost_of_id IS NULL
    AND NOT is_sensitive AND warning = '' AND authorship <> 'automated'
    AND is_active AND suspended_at IS NULL AND is_discoverable
"""
TAGS = f"""
WITH sayings AS MATERIALIZED ({ELIGIBLE_POSTS}),
voices AS (
    SELECT DISTINCT ON (tag_id, said) tag_id, author_id, post_id
    FROM sayings JOIN posts_posthashtag ON post_id = sayings.id ORDER BY tag_id, said, post_id
)
SELECT tag_id, author_id, max(post_id) FROM voices GROUP BY tag_id, author_id
"""  # noqa: S608 - of our own pieces
LINKS = f"""
WITH sayings AS MATERIALIZED ({ELIGIBLE_POSTS} AND has_link)
SELECT id, author_id, text, said FROM sayings ORDER BY id
"""  # noqa: S608 - of our own pieces
# Whoever liked, reposted, quoted or answered a post that answers none, but its author; each once, at their latest act.
_POSTS = f"""
WITH sayings AS MATERIALIZED ({ELIGIBLE_POSTS} AND reply_to_id IS NULL),
originals AS (SELECT DISTINCT ON (said) id, author_id FROM sayings ORDER BY said, id),
acts AS (
    SELECT post_id, user_id, (extract(epoch FROM created_at) * 1000)::bigint << {SEQUENCE_BITS} AS at
    FROM posts_like WHERE post_id >= %(since)s
    UNION ALL SELECT repost_of_id, author_id, id FROM posts_post WHERE repost_of_id >= %(since)s
    UNION ALL SELECT quote_of_id, author_id, id FROM posts_post WHERE quote_of_id >= %(since)s
    UNION ALL SELECT reply_to_id, author_id, id FROM posts_post WHERE reply_to_id >= %(since)s
)
SELECT post_id, user_id, max(acts.at)
FROM acts JOIN originals ON originals.id = post_id
JOIN accounts_user ON accounts_user.id = user_id
WHERE user_id <> author_id AND is_active AND suspended_at IS NULL AND acts.at < %(until)s
GROUP BY post_id, user_id
"""  # noqa: S608 - of our own pieces

Thing = TypeVar("Thing", int, str)
Interaction = tuple[Thing, int, int]


@dataclass(frozen=True, slots=True)
class TrendScore:
    """How many people are about something, and how much that counts now, in thousandths of a person."""

    people: int
    score: int


@transaction.atomic
def count_trends(now: datetime) -> None:
    """Note what is talked about at a moment; what no longer is keeps its row with a score of nothing."""
    save_trends(Trend.Kind.TAG, "tag_id", score_trends(fetch_rows_of_period(TAGS, now), now))
    save_trends(Trend.Kind.POST, "post_id", score_trends(fetch_rows_of_period(_POSTS, now), now))
    save_trends(
        Trend.Kind.LINK, "url", score_trends(link_scores(fetch_rows_of_period(LINKS, now)), now)
    )


def fetch_rows_of_period(statement: str, now: datetime) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"since": min_id_at(now - _WINDOW), "until": min_id_at(now)})
        return cursor.fetchall()


def score_trends(voices: Iterable[Interaction[Thing]], now: datetime) -> dict[Thing, TrendScore]:
    """Return what enough people are about, the most talked about first; each voice fades by its age."""
    scores: dict[Thing, list[float]] = defaultdict(list)
    for thing, _, at in voices:
        age = (min_id_at(now) - at >> SEQUENCE_BITS) / (HALF_LIFE / timedelta(milliseconds=1))
        scores[thing].append(0.5 ** max(age, 0))
    talks = {
        thing: TrendScore(len(weights), round(sum(weights) * THOUSAND))
        for thing, weights in scores.items()
        if len(weights) >= MIN_PEOPLE
    }
    return dict(sorted(talks.items(), key=lambda item: -item[1].score)[:MAX_TRENDS])


def link_scores(sayings: Iterable[tuple[Any, ...]]) -> list[Interaction[str]]:
    """Return who was about which page, and when last; of those who say the same about it only the first counts."""
    said_before: set[tuple[str, str]] = set()
    voices: dict[tuple[str, int], int] = {}
    for post, author, text, said in sayings:
        for url in {page_of(found.value) for found in find_urls(text)}:
            if len(url.encode()) > MAX_TREND_URL_LENGTH or (url, said) in said_before:
                continue
            said_before.add((url, said))
            voices[url, author] = post
    return [(url, author, post) for (url, author), post in voices.items()]


def page_of(url: str) -> str:
    """Return the address of the page without what only tells where its reader came from."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = [
        (name, value)
        for name, value in pairs
        if name not in TRACKING and not name.startswith("utm_")
    ]
    return urlunsplit(
        (parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", urlencode(query), "")
    )


def save_trends(kind: str, name: str, talks: dict[Any, TrendScore]) -> None:
    """Write down the talks of a kind, new ones for the admins to decide on."""
    Trend.objects.filter(kind=kind, score__gt=0).exclude(**{f"{name}__in": talks}).update(
        score=0, people=0
    )
    known = {
        getattr(trend, name): trend
        for trend in Trend.objects.filter(kind=kind, **{f"{name}__in": talks})
    }
    for thing, talk in talks.items():
        if thing in known:
            known[thing].people, known[thing].score = talk.people, talk.score
    Trend.objects.bulk_update(known.values(), ["people", "score"])
    Trend.objects.bulk_create(
        [
            Trend(kind=kind, people=talk.people, score=talk.score, **{name: thing})
            for thing, talk in talks.items()
            if thing not in known
        ],
        ignore_conflicts=True,
    )
