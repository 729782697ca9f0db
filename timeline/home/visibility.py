"""Ask PostgreSQL which candidates are in a home timeline now."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.selectors import VIEWER
from common.compiled_queries import CompiledQuery
from timeline.home.rule import home_timeline
from timeline.models import HomeReadMarker
from timeline.reasons import annotate_sources


@dataclass(frozen=True, slots=True)
class HomeEntry:
    """A row of a home timeline, and what brought it there."""

    pk: int
    is_followed: bool
    followed_tag: str | None
    # The phrase of a filter that folds it.
    filtered_by: str | None
    is_read: bool
    # The post that it brings, where it is a repost, and what it or that post quotes.
    repost_of: int | None
    quote_of: int | None
    original_quote_of: int | None

    @property
    def beside(self) -> list[int]:
        return [
            post_id
            for post_id in (self.repost_of, self.quote_of, self.original_quote_of)
            if post_id is not None
        ]


def filter_candidates(viewer: User, ids: Sequence[int]) -> list[HomeEntry]:
    """Return those of the candidates that are in the viewer's home timeline at this moment, the newest first."""
    return [HomeEntry(*row) for row in build_home_query().fetch(viewer=viewer.pk, ids=ids)]


@cache
def build_home_query() -> CompiledQuery:
    """Return the rule as a compiled query: to compose it takes longer than all the rest of a page."""
    read = HomeReadMarker.objects.filter(user=VIEWER, last_read_id__gte=OuterRef("pk"))
    rows = annotate_sources(home_timeline(VIEWER).with_some_ids(), VIEWER).annotate(
        was_read=Exists(read)
    )
    about = ("pk", "is_followed", "followed_tag", "filtered_by", "was_read")
    beside = ("repost_of", "quote_of", "repost_of__quote_of")
    selected = rows.order_by("-pk").values_list(*about, *beside)
    return CompiledQuery(*selected.query.sql_with_params(), prepare=True)
