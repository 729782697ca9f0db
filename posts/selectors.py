from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Length, Lower
from django.utils import timezone

from accounts.models import Follow, User
from accounts.selectors import Viewer, active_users, viewer_param, visible_users, without_blocked
from common.compiled_queries import CURSOR, SUBJECT_ID, CompiledModelQuery, CompiledQuery
from common.snowflake import moment_of
from posts.filtering import ALL_ACTIONS
from posts.models import (
    Draft,
    Hashtag,
    KeywordFilter,
    Like,
    Media,
    Poll,
    PollVote,
    Post,
    PostHashtag,
    PostQuerySet,
    PostVersion,
    Retraction,
)
from posts.presentation.hydrate import posts_by_id
from posts.text.diff import DiffSegment, diff_lists, differences
from posts.text.entities import tag_name

MAX_ANCESTORS = 100
DUE_AT_ONCE = 100
MAX_SUGGESTED = 8
# How many posts a page follows the author, and how many the repliers.
OWN_THREAD, CONVERSATION = 30, 3
# Among how many first replies it looks for the thread's continuation.
SUGGESTION_FIELDS = 50
MAX_REPLIES_COUNTED = 100
# How many posts a page shows past a gap, and how many of those in sequence.
MAX_GAP_HOPS, MAX_GAP_DEPTH = 50, 10

# A post whose parent was deleted is below a gap; the chain continues at its surviving ancestor.
ANCESTORS = """
WITH RECURSIVE above (id, up, is_below_gap, depth) AS (
    SELECT id, coalesce(reply_to_id, surviving_ancestor_id), reply_to_id IS NULL AND thread_id IS NOT NULL, 0
    FROM posts_post WHERE id = %s
    UNION ALL
    SELECT parent.id, coalesce(parent.reply_to_id, parent.surviving_ancestor_id),
        parent.reply_to_id IS NULL AND parent.thread_id IS NOT NULL, above.depth + 1
    FROM above JOIN posts_post parent ON parent.id = above.up
    WHERE above.depth < %s
)
SELECT id, is_below_gap FROM above ORDER BY depth DESC
"""
# From each post down: the first reply by its own or the page's author, and so on.
CONTINUATIONS = """
WITH RECURSIVE chain (id, top, speaker, depth, deepest) AS (
    SELECT post.id, post.id, post.author_id, 0, seed.deepest
    FROM unnest(%(ids)s::bigint[], %(depths)s::int[]) AS seed (id, deepest) JOIN posts_post post ON post.id = seed.id
    UNION ALL
    SELECT next.id, chain.top, chain.speaker, chain.depth + 1, chain.deepest
    FROM chain CROSS JOIN LATERAL (
        SELECT few.id
        FROM (
            SELECT id, author_id, visibility, is_hidden_reply
            FROM posts_post WHERE reply_to_id = chain.id ORDER BY id LIMIT %(sought)s
        ) AS few
        WHERE few.author_id IN (chain.speaker, %(author)s) AND NOT few.is_hidden_reply
            AND (few.visibility IN ('public', 'unlisted') OR few.author_id = %(viewer)s)
        ORDER BY few.id LIMIT 1
    ) AS next
    WHERE chain.depth < chain.deepest
)
SELECT top, id FROM chain WHERE depth > 0 ORDER BY top, depth
"""


@dataclass(frozen=True, slots=True)
class MissingPost:
    """Placeholder in a thread: deleted, hidden by the viewer, or not readable."""

    is_deleted: bool
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class PastGap:
    """A gap below a post, and where the thread continues past it."""

    gap: MissingPost
    posts: list[Post]


# Replies by parent id that the viewer may read, up to a limit.
_Answers = Mapping[int, set[int]]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A reply and its continuation between its author and the page's author."""

    reply: Post
    continuation: list[Post]
    answers: _Answers

    @property
    def posts(self) -> list[Post]:
        return [self.reply, *self.continuation]

    @property
    def others(self) -> int:
        """How many more replies the first post has."""
        return len(
            self.answers.get(self.reply.pk, set()) - {post.pk for post in self.continuation[:1]}
        )

    @property
    def has_more(self) -> bool:
        """Whether there are more replies than were counted."""
        return len(self.answers.get(self.reply.pk, ())) == MAX_REPLIES_COUNTED

    @property
    def last(self) -> Post | None:
        """The post from which the thread continues out of view."""
        return continuation_post(self.continuation, self.answers)


def ancestors_of(post: Post, viewer: Viewer) -> list[Post | MissingPost]:
    """Return the ancestors of `post` from the top, with gaps for missing ones."""
    with connection.cursor() as cursor:
        cursor.execute(ANCESTORS, [post.pk, MAX_ANCESTORS])
        rows: list[tuple[int, bool]] = cursor.fetchall()
    found = is_self_thread([pk for pk, _ in rows if pk != post.pk], viewer)
    above: list[Post | MissingPost] = []
    for pk, is_below_gap in rows:
        shown = post if pk == post.pk else found.get(pk)
        gap = MissingPost(is_deleted=shown is not None)
        if (is_below_gap or shown is None) and not (above and isinstance(above[-1], MissingPost)):
            above.append(gap)
        if shown is not None and shown is not post:
            above.append(shown)
    return above


def thread_root(post: Post, viewer: Viewer) -> Post | None:
    """Return the first post of a thread if the viewer may read it."""
    if post.thread_id is None:
        return post
    found = Post.objects.filter(pk=post.thread_id).visible_to(viewer).select_related("author")
    return found.order_by("pk").first()


def replies_to(post: Post, viewer: Viewer, after: int | None, size: int) -> list[Post]:
    """Return the next direct replies, oldest first, readable and by unmuted users."""
    query = build_replies_query(size, is_anonymous=viewer.is_anonymous)
    return query.fetch(viewer=viewer.pk or 0, subject=post.pk, cursor=after or 0)


@cache
def build_replies_query(size: int, *, is_anonymous: bool) -> CompiledModelQuery[Post]:
    viewer = viewer_param(is_anonymous=is_anonymous)
    replies = reply_ids(viewer).filter(reply_to=SUBJECT_ID, pk__gt=CURSOR).with_card_data(viewer)
    return CompiledModelQuery(replies.order_by("pk")[:size])


def reply_ids(viewer: Viewer) -> PostQuerySet:
    posts = Post.objects.visible_to(viewer)
    if viewer.is_authenticated:
        posts = posts.without_muted(viewer)
    return posts.without_filtered(viewer, KeywordFilter.Place.THREADS)


def replies_below(posts: Iterable[Post], viewer: Viewer) -> _Answers:
    """Return readable replies by parent, in at most one query."""
    # Counts include replies that the viewer cannot read.
    ids = [post.pk for post in posts]
    if not ids:
        return {}
    query = build_answers_query(is_anonymous=viewer.is_anonymous)
    return {pk: set(found) for pk, found in query.fetch(viewer=viewer.pk or 0, ids=ids)}


@cache
def build_answers_query(*, is_anonymous: bool) -> CompiledQuery:
    answers = reply_ids(viewer_param(is_anonymous=is_anonymous)).filter(reply_to=OuterRef("pk"))
    below = ArraySubquery(answers.values("pk")[:MAX_REPLIES_COUNTED])
    rows = Post.objects.with_some_ids().annotate(below=below).values_list("pk", "below")
    return CompiledQuery(*rows.query.sql_with_params(), prepare=True)


def continuation_post(chain: Sequence[Post], answers: _Answers) -> Post | None:
    """Return the last post of a chain if it has replies."""
    return chain[-1] if chain and answers.get(chain[-1].pk) else None


def past_gaps_below(post: Post, viewer: Viewer, after: int, until: int | None) -> list[PastGap]:
    """Return where the thread continues past missing replies to `post` between two ids.

    Missing posts without visible replies leave no gap, which would reveal them.
    """
    missing = [
        row
        for row in rows_below([post.pk], viewer, is_missing=True)
        if after < row.pk and (not until or row.pk <= until)
    ]
    ways: dict[MissingPost, list[int]] = {}
    for row in missing:
        gap = MissingPost(
            is_deleted=row.is_orphan, is_left_out=row.is_readable and not row.is_orphan
        )
        ways.setdefault(gap, []).extend(past(row, viewer))
    found = is_self_thread([pk for ids in ways.values() for pk in ids], viewer)
    shown = [
        PastGap(gap, [found[pk] for pk in sorted(ids) if pk in found]) for gap, ids in ways.items()
    ]
    return [way for way in shown if way.posts]


class RowBelow(NamedTuple):
    """A reply to a post, also if a post between them was deleted."""

    pk: int
    is_orphan: bool
    is_readable: bool
    is_shown: bool


def past(row: RowBelow, viewer: Viewer) -> list[int]:
    """Return the ids of the first visible posts at or below a row."""
    shown, level = [], [row]
    for _ in range(MAX_GAP_DEPTH):
        shown += [each.pk for each in level if each.is_shown]
        hidden = [each.pk for each in level if not each.is_shown]
        if not hidden:
            break
        level = rows_below(hidden, viewer, is_missing=False)
    return shown


def rows_below(ids: Collection[int], viewer: Viewer, *, is_missing: bool) -> list[RowBelow]:
    """Return rows below posts with something visible at or below them: all, or direct gaps."""
    query = build_below_query(is_missing=is_missing, is_anonymous=viewer.is_anonymous)
    return [RowBelow(*row) for row in query.fetch(viewer=viewer.pk or 0, ids=list(ids))]


@cache
def build_below_query(*, is_missing: bool, is_anonymous: bool) -> CompiledQuery:
    viewer = viewer_param(is_anonymous=is_anonymous)
    shown = reply_ids(viewer).filter(pk=OuterRef("pk"), is_hidden_reply=False)
    rows = Post.objects.below_some_ids().annotate(
        is_orphan=ExpressionWrapper(Q(surviving_ancestor_id__isnull=False), BooleanField()),
        is_readable=Exists(Post.objects.filter(pk=OuterRef("pk")).readable_by(viewer)),
        is_shown=Exists(shown),
    )
    is_answered = Q(Exists(Post.objects.filter(reply_to=OuterRef("pk")))) | Q(
        Exists(Post.objects.filter(surviving_ancestor_id=OuterRef("pk")))
    )
    if is_missing:
        # Replies hidden by the author are collapsed, not missing.
        missing = is_answered & Q(is_shown=False, is_hidden_reply=False)
        rows = rows.filter(missing | Q(is_orphan=True))
    else:
        rows = rows.filter(is_answered | Q(is_shown=True))
    values = rows.order_by("pk").values_list("pk", "is_orphan", "is_readable", "is_shown")[
        :MAX_GAP_HOPS
    ]
    return CompiledQuery(*values.query.sql_with_params(), prepare=True)


def is_self_thread(ids: Collection[int], viewer: Viewer) -> dict[int, Post]:
    """Return readable posts of a thread; filters collapse them, because a gap would break it."""
    return posts_by_id(ids, viewer, (KeywordFilter.Place.THREADS, ALL_ACTIONS))


def continuations(post: Post, replies: Iterable[Post], viewer: Viewer) -> dict[int, list[Post]]:
    """Return the continuation of the post and of each reply, by id."""
    depths = {post.pk: OWN_THREAD} | {reply.pk: CONVERSATION for reply in replies}
    values: dict[str, Any] = {
        "ids": list(depths),
        "depths": list(depths.values()),
        "sought": SUGGESTION_FIELDS,
        "author": post.author_id,
        "viewer": viewer.pk or 0,
    }
    with connection.cursor() as cursor:
        cursor.execute(CONTINUATIONS, values)
        rows = cursor.fetchall()
    if not rows:
        return {}
    found = is_self_thread([pk for _, pk in rows], viewer)
    chains: dict[int, list[Post]] = {}
    broken: set[int] = set()
    for top, pk in rows:
        if pk in found and top not in broken:
            chains.setdefault(top, []).append(found[pk])
        else:
            broken.add(top)
    return chains


def likes_of(post: Post, viewer: Viewer) -> QuerySet[Like]:
    """Likes of a post with their visible users."""
    return Like.objects.filter(post=post, user__in=visible_users(viewer)).select_related("user")


def reposts_of(post: Post, viewer: Viewer) -> QuerySet[Post]:
    """Reposts of a post with their visible users."""
    return Post.objects.filter(repost_of=post).visible_to(viewer).select_related("author")


def quotes_of(post: Post, viewer: Viewer) -> QuerySet[Post]:
    """Readable posts that quote a post; its author also sees detached ones."""
    quotes = Post.objects.filter(quote_of=post).visible_to(viewer)
    quotes = quotes.without_filtered(viewer, KeywordFilter.Place.THREADS).with_card_data(viewer)
    return quotes if post.author_id == viewer.pk else quotes.filter(quote_state=Post.Quote.SHOWN)


def bookmarked_by(person: User) -> QuerySet[Post]:
    """A user's readable bookmarks, each with its cursor `list_id`."""
    kept = Post.objects.filter(bookmarks__user=person).annotate(list_id=F("bookmarks__id"))
    return kept.visible_to(person).with_card_data(person)


def liked_by(person: User) -> QuerySet[Post]:
    """A user's readable likes, each with its cursor `list_id`."""
    liked = Post.objects.filter(likes__user=person).annotate(list_id=F("likes__id"))
    return liked.visible_to(person).with_card_data(person)


def drafts_of(author: User) -> QuerySet[Draft]:
    """A user's drafts, most recently changed first, with related posts."""
    kept = Draft.objects.filter(author=author).select_related(
        "reply_to__author", "quote_of__author"
    )
    return kept.order_by("-updated_at", "-pk")


def due_scheduled_posts() -> list[int]:
    """Return the ids of due scheduled posts, longest due first."""
    due = Draft.objects.filter(publish_at__lte=timezone.now(), failure="")
    return list(due.order_by("publish_at", "pk").values_list("pk", flat=True)[:DUE_AT_ONCE])


def was_public_and_is_deleted(post_id: int) -> bool:
    """Tell whether a deleted post was public to the end; says nothing of others."""
    return Retraction.objects.filter(post_id=post_id, reason=Retraction.Reason.DELETED).exists()


@dataclass(frozen=True, slots=True)
class PostRevision:
    """A revision of a post with its changes; in the first one everything is new."""

    since: datetime
    words: PostVersion | Post
    change: list[DiffSegment]
    warning: list[DiffSegment]
    # Alt texts of its images, and its poll options.
    pictures: list[DiffSegment]
    options: list[DiffSegment]
    is_first: bool


def revision_history(post: Post) -> list[PostRevision]:
    """Return all revisions of a post, newest first."""
    versions = list(PostVersion.objects.filter(post=post).order_by("pk"))
    said: list[PostVersion | Post] = [*versions, post]
    shown = [
        *((version.pictures, version.poll_options) for version in versions),
        (alts_of(post), options_of(post)),
    ]
    pictures, options = (diff_lists(entries, entries) for entries in shown[0])
    states = [PostRevision(post.created_at, said[0], [], [], pictures, options, is_first=True)]
    for (old, new), (before, after) in zip(pairwise(said), pairwise(shown), strict=True):
        change, warning = differences(old.text, new.text), differences(old.warning, new.warning)
        pictures, options = (diff_lists(*both) for both in zip(before, after, strict=True))
        states.append(
            PostRevision(moment_of(old.pk), new, change, warning, pictures, options, is_first=False)
        )
    return states[::-1]


def alts_of(post: Post) -> list[str]:
    return list(Media.objects.usable_in(post).values_list("alt", flat=True))


def options_of(post: Post) -> list[str]:
    return [
        option
        for options in Poll.objects.filter(post=post).values_list("options", flat=True)
        for option in options
    ]


def has_votes(post: Post) -> bool:
    """Tell whether anyone has voted in a post's poll."""
    return PollVote.objects.filter(poll=post.pk).exists()


def suggested_people(begun: str, viewer: User) -> list[User]:
    """Users by username prefix, followed ones first; others only if discoverable."""
    if not begun:
        return []
    followed = Exists(Follow.objects.filter(follower=viewer, followed=OuterRef("pk")))
    people = without_blocked(active_users(), viewer).alias(lower=Lower("username"))
    found = people.filter(lower__startswith=begun.lower()).annotate(is_followed=followed)
    found = found.filter(Q(is_discoverable=True) | Q(is_followed=True) | Q(pk=viewer.pk))
    return list(found.order_by("-is_followed", Length("username"), "pk")[:MAX_SUGGESTED])


def suggested_tags(begun: str) -> list[Hashtag]:
    """Public hashtags by prefix, shortest first."""
    name = tag_name(begun)
    if not name:
        return []
    public = Exists(PostHashtag.objects.filter(tag=OuterRef("pk"), post__in=Post.objects.public()))
    return list(
        Hashtag.objects.filter(public, name__startswith=name).order_by(Length("name"), "pk")[
            :MAX_SUGGESTED
        ]
    )
