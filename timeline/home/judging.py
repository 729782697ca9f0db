"""Ask PostgreSQL which candidates are in a home timeline now."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.db import connection
from django.db.models import Exists, OuterRef

from accounts.models import User
from common.prepared import SOMEBODY, Statement
from timeline.home.rule import home_timeline
from timeline.models import HomeMarker
from timeline.reasons import with_what_brought_them


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a home timeline, and what brought it there."""

    pk: int
    is_followed: bool
    followed_tag: str | None
    # The phrase of a filter that folds it.
    warned_by: str | None
    is_read: bool
    # The post that it brings, where it is a repost, and what it or that post quotes.
    repost_of: int | None
    quote_of: int | None
    original_quote_of: int | None

    @property
    def beside(self) -> list[int]:
        return [post_id for post_id in (self.repost_of, self.quote_of, self.original_quote_of) if post_id is not None]


def judged(viewer: User, ids: Sequence[int]) -> list[Row]:
    """Return those of the candidates that are in the viewer's home timeline at this moment, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(*question().execution(viewer.pk, ids))
        return [Row(*row) for row in cursor.fetchall()]


@cache
def question() -> Statement:
    """Return the rule as a statement. To work it out takes longer than all the rest of a page, so it is done once."""
    somebody = User(pk=SOMEBODY)
    read = HomeMarker.objects.filter(user=somebody, last_read_id__gte=OuterRef("pk"))
    rows = with_what_brought_them(home_timeline(somebody).with_some_ids(), somebody).annotate(was_read=Exists(read))
    about = ("pk", "is_followed", "followed_tag", "warned_by", "was_read")
    beside = ("repost_of", "quote_of", "repost_of__quote_of")
    sql, parameters = rows.order_by("-pk").values_list(*about, *beside).query.sql_with_params()
    return Statement("home", sql, parameters)
