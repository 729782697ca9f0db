"""Grouped notifications: likes, reposts and follows of a day are merged."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Follow, User
from accounts.selectors import VIEWER
from common.compiled_queries import CompiledQuery
from common.snowflake import SEQUENCE_BITS, time_of
from posts.models import Draft, KeywordFilter, Post
from posts.presentation.hydrate import hydrate_posts, posts_by_id
from timeline.models import (
    MutedNotificationKind,
    Notification,
    NotificationReadMarker,
    StaffMessage,
)
from timeline.models.notification import NotificationQuerySet

_Kind = Notification.Kind
GROUPED = (_Kind.LIKE, _Kind.REPOST, _Kind.FOLLOW)
KINDS: dict[str, tuple[_Kind, ...]] = {
    "mentions": (_Kind.MENTION, _Kind.REPLY, _Kind.QUOTE),
    "likes": (_Kind.LIKE, _Kind.REPOST),
    "follows": (_Kind.FOLLOW, _Kind.FOLLOW_REQUEST),
    "other": (_Kind.POLL, _Kind.EDIT, _Kind.DRAFT, _Kind.STAFF),
}
FOLLOWED, NOT_FOLLOWED = "followed", "strangers"
# Kinds shown with the whole post, for an immediate reply.
WITH_CARD = (_Kind.MENTION, _Kind.REPLY, _Kind.QUOTE)
ICONS: dict[str, str] = {
    _Kind.MENTION: "mention",
    _Kind.REPLY: "reply",
    _Kind.QUOTE: "quote",
    _Kind.REPOST: "repost",
    _Kind.LIKE: "heart",
    _Kind.FOLLOW: "join",
    _Kind.FOLLOW_REQUEST: "join",
    _Kind.POLL: "poll",
    _Kind.EDIT: "write",
    _Kind.DRAFT: "alert",
    _Kind.STAFF: "desk",
}
_PAGE_SIZE = 20
# Rows that one page reads; larger groups show a plus.
_WINDOW = 1_000
# Avatars per group.
AVATARS_PER_GROUP = 5
MAX_UNREAD_COUNTED = 100
DAY_MILLISECONDS = 24 * 3600 * 1000

_Key = tuple[str, int | None, int]


class _Row(NamedTuple):
    pk: int
    kind: str
    post_id: int | None
    actor_id: int | None
    message_id: int | None
    draft_id: int | None

    @property
    def key(self) -> _Key:
        """Grouping key: kind, post and day; other kinds stay single."""
        return (
            (self.kind, self.post_id, day_of(self.pk))
            if self.kind in GROUPED
            else (self.kind, None, self.pk)
        )


@dataclass(slots=True)
class Group:
    """Notifications shown as one, newest first."""

    kind: str
    rows: list[_Row]
    is_new: bool = False
    has_more: bool = False
    people: list[User] = field(default_factory=list)
    post: Post | None = None
    message: StaffMessage | None = None
    draft: Draft | None = None

    @property
    def pk(self) -> int:
        return self.rows[0].pk

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def shows_card(self) -> bool:
        return self.kind in WITH_CARD

    @property
    def at(self) -> datetime:
        return time_of(self.pk)

    @property
    def others(self) -> int:
        """How many others besides the first one named."""
        return len(self.rows) - 1


@dataclass(frozen=True, slots=True)
class NotificationFilter:
    """Filter of the list: all, some kinds, from whom."""

    kinds: str = ""
    people: str = ""

    @property
    def is_everything(self) -> bool:
        return not (self.kinds or self.people)


@dataclass(frozen=True, slots=True)
class NotificationCursor:
    """Cursor of a page: below `before`, in the list as of its newest row `until`."""

    before: int
    until: int


@dataclass(frozen=True, slots=True)
class NotificationPage:
    groups: list[Group]
    # The newest row: everything up to it is read once this page was shown.
    newest: int
    following: NotificationCursor | None


def notification_page(
    viewer: User, choice: NotificationFilter, place: NotificationCursor | None = None
) -> NotificationPage:
    """Return a page of groups, each on one page only, in a constant number of queries."""
    chosen = chosen_by(viewer, choice)
    rows = fetch_window(chosen, place)
    until = place.until if place else (rows[0].pk if rows else 0)
    groups, is_cut = grouped(rows)
    is_full = len(rows) == _WINDOW
    following = None
    if is_cut or is_full:
        following = NotificationCursor(groups[-1].pk if is_cut else rows[-1].pk, until)
    last_read = (
        NotificationReadMarker.objects.filter(user=viewer)
        .values_list("last_read_id", flat=True)
        .first()
        or 0
    )
    for group in groups:
        group.is_new = group.pk > last_read
        group.has_more = (
            is_full and group.kind in GROUPED and day_of(rows[-1].pk) == day_of(group.pk)
        )
    return NotificationPage(hydrate_groups(groups, viewer), until, following)


def chosen_by(viewer: User, choice: NotificationFilter) -> NotificationQuerySet:
    # Readability is checked when posts are loaded, for one page of groups.
    rows = Notification.objects.wanted_by(viewer)
    if choice.kinds:
        rows = rows.filter(kind__in=KINDS[choice.kinds])
    follows = Exists(Follow.objects.filter(follower=viewer, followed=OuterRef("actor")))
    if choice.people == FOLLOWED:
        rows = rows.filter(follows)
    if choice.people == NOT_FOLLOWED:
        rows = rows.filter(~follows, actor__isnull=False)
    return rows


def fetch_window(chosen: NotificationQuerySet, place: NotificationCursor | None) -> list[_Row]:
    """Return the newest rows of a page, without groups that earlier pages showed."""
    if place is not None:
        chosen = chosen.filter(pk__lt=place.before).exclude(already_shown_condition(chosen, place))
    found = chosen.order_by("-pk").values_list(
        "pk", "kind", "post_id", "actor_id", "message_id", "draft_id"
    )
    return [_Row(*values) for values in found[:_WINDOW]]


def already_shown_condition(chosen: NotificationQuerySet, place: NotificationCursor) -> Q:
    """Return the condition for rows of groups that began above the cursor, on the same day."""
    first, end = first_of_day(day_of(place.before)), first_of_day(day_of(place.before) + 1)
    above = chosen.filter(kind__in=GROUPED, pk__gte=place.before, pk__lte=min(place.until, end - 1))
    posts: dict[str, list[int]] = {_Kind.LIKE: [], _Kind.REPOST: []}
    described = Q(pk__in=[])
    for kind, post_id in above.order_by("kind", "post").values_list("kind", "post_id").distinct():
        if kind in posts:
            posts[kind].append(post_id)
        else:
            described |= Q(kind=kind)
    for kind, ids in posts.items():
        described |= Q(kind=kind, post__in=ids)
    return described & Q(pk__gte=first)


def grouped(rows: Iterable[_Row]) -> tuple[list[Group], bool]:
    """Return the first groups of the rows, and whether there are more."""
    groups: dict[_Key, Group] = {}
    is_cut = False
    for row in rows:
        if row.key in groups:
            groups[row.key].rows.append(row)
        elif len(groups) < _PAGE_SIZE:
            groups[row.key] = Group(row.kind, [row])
        else:
            is_cut = True
    return list(groups.values()), is_cut


def hydrate_groups(groups: list[Group], viewer: User) -> list[Group]:
    """Load users, posts and messages of groups, dropping groups whose content is gone."""
    faces = {
        row.actor_id for group in groups for row in group.rows[:AVATARS_PER_GROUP] if row.actor_id
    }
    people = User.objects.in_bulk(faces)
    wanted = {row.post_id for group in groups for row in group.rows[:1] if row.post_id}
    cards = posts_by_id(
        wanted, viewer, (KeywordFilter.Place.NOTIFICATIONS, (KeywordFilter.Action.WARN,))
    )
    posts = {post.pk: post for post in hydrate_posts(list(cards.values()), viewer)}
    messages = StaffMessage.objects.in_bulk(
        {row.message_id for group in groups for row in group.rows if row.message_id}
    )
    drafts = Draft.objects.in_bulk(
        {row.draft_id for group in groups for row in group.rows if row.draft_id}
    )
    for group in groups:
        first = group.rows[0]
        found = (people.get(row.actor_id or 0) for row in group.rows[:AVATARS_PER_GROUP])
        group.people = [person for person in found if person is not None]
        group.post, group.message = (
            posts.get(first.post_id or 0),
            messages.get(first.message_id or 0),
        )
        group.draft = drafts.get(first.draft_id or 0)
    return [group for group in groups if is_complete(group)]


def is_complete(group: Group) -> bool:
    first = group.rows[0]
    return bool(
        (group.people or first.actor_id is None)
        and (group.post or first.post_id is None)
        and (group.message or first.message_id is None)
        and (group.draft or first.draft_id is None)
    )


def unread_count(viewer: User) -> int:
    """Count unread groups in one query over the newest rows."""
    [(count,)] = build_unread_count_query().fetch(viewer=viewer.pk)
    return int(count)


@cache
def build_unread_count_query() -> CompiledQuery:
    """Return the unread count as a compiled query, because every page runs it."""
    marker = NotificationReadMarker.objects.filter(user=VIEWER).values("last_read_id")
    unread = Notification.objects.filter(
        recipient=VIEWER, pk__gt=Coalesce(Subquery(marker), Value(0))
    )
    newest = Notification.objects.shown_to(VIEWER).filter(
        pk__in=unread.order_by("-pk").values("pk")[:_WINDOW]
    )
    day = F("pk").bitrightshift(SEQUENCE_BITS) / DAY_MILLISECONDS
    alone = Case(When(kind__in=GROUPED, then=day), default=F("pk"), output_field=BigIntegerField())
    groups = (
        newest.order_by()
        .annotate(alone=alone)
        .values("kind", "post", "alone")
        .distinct()[:MAX_UNREAD_COUNTED]
    )
    sql, parameters = groups.query.sql_with_params()
    return CompiledQuery(f"SELECT count(*) FROM ({sql}) AS groups", parameters, prepare=True)  # noqa: S608


def enabled_kinds(user: User) -> list[str]:
    refused = set(MutedNotificationKind.objects.filter(user=user).values_list("kind", flat=True))
    return [kind for kind in _Kind.values if kind not in refused]


def day_of(pk: int) -> int:
    return (pk >> SEQUENCE_BITS) // DAY_MILLISECONDS


def first_of_day(day: int) -> int:
    return (day * DAY_MILLISECONDS) << SEQUENCE_BITS
