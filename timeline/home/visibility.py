"""Visibility filter of the home timeline."""

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
    """A row of a home timeline and its source."""

    pk: int
    is_followed: bool
    followed_tag: str | None
    # The phrase of a filter that collapses it.
    filtered_by: str | None
    is_read: bool
    # Related posts: the original of a repost, and the quoted post.
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
    """Return the candidates that are in the home timeline now, newest first."""
    return [HomeEntry(*row) for row in build_home_query().fetch(viewer=viewer.pk, ids=ids)]


@cache
def build_home_query() -> CompiledQuery:
    """Return the rule as a compiled query: compiling takes longer than the rest of a page."""
    read = HomeReadMarker.objects.filter(user=VIEWER, last_read_id__gte=OuterRef("pk"))
    rows = annotate_sources(home_timeline(VIEWER).with_some_ids(), VIEWER).annotate(
        was_read=Exists(read)
    )
    about = ("pk", "is_followed", "followed_tag", "filtered_by", "was_read")
    beside = ("repost_of", "quote_of", "repost_of__quote_of")
    selected = rows.order_by("-pk").values_list(*about, *beside)
    return CompiledQuery(*selected.query.sql_with_params(), prepare=True)
