"""Rows of timelines, by queries compiled once per process."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import SUBJECT, Viewer, viewer_param
from common.compiled_queries import CURSOR, CompiledModelQuery
from common.pagination import MAX_ID
from posts.models import Post
from timeline.selectors import pinned_posts, public_timeline

OfPerson = Callable[[User, Viewer], QuerySet[Post]]
# One variant per choice of languages; most users make none.
MAX_CACHED = 64


@dataclass(frozen=True, slots=True)
class QueryVariant:
    """The properties of a viewer that change the SQL."""

    is_anonymous: bool
    languages: tuple[str, ...]

    @classmethod
    def of(cls, viewer: Viewer) -> "QueryVariant":
        return cls(
            viewer.is_anonymous, () if viewer.is_anonymous else tuple(viewer.preferred_languages)
        )

    @property
    def param(self) -> Viewer:
        """The placeholder for the viewer while compiling."""
        return viewer_param(is_anonymous=self.is_anonymous, preferred_languages=self.languages)


def public_rows(viewer: Viewer, *, below: int | None, size: int) -> list[Post]:
    """Return the next rows of the public timeline."""
    return _fetch(build_public_query(QueryVariant.of(viewer), size), viewer, below)


def profile_rows(
    timeline: OfPerson, profile: User, viewer: Viewer, *, below: int | None, size: int
) -> list[Post]:
    """Return the next rows of a profile tab."""
    return _fetch(
        build_profile_query(timeline, QueryVariant.of(viewer), size),
        viewer,
        below,
        subject=profile.pk,
    )


def pinned_rows(profile: User, viewer: Viewer) -> list[Post]:
    """Return a user's pinned posts."""
    return _fetch(build_pinned_query(QueryVariant.of(viewer)), viewer, subject=profile.pk)


def _fetch(
    query: CompiledModelQuery[Post], viewer: Viewer, below: int | None = None, *, subject: int = 0
) -> list[Post]:
    return query.fetch(
        viewer=viewer.pk or 0, subject=subject, cursor=MAX_ID if below is None else below
    )


@lru_cache(MAX_CACHED)
def build_public_query(reader: QueryVariant, size: int) -> CompiledModelQuery[Post]:
    return build_page_query(public_timeline(reader.param), size)


@lru_cache(MAX_CACHED)
def build_profile_query(
    timeline: OfPerson, reader: QueryVariant, size: int
) -> CompiledModelQuery[Post]:
    return build_page_query(timeline(SUBJECT, reader.param), size)


@lru_cache(MAX_CACHED)
def build_pinned_query(reader: QueryVariant) -> CompiledModelQuery[Post]:
    return CompiledModelQuery(pinned_posts(SUBJECT, reader.param))


def build_page_query(posts: QuerySet[Post], size: int) -> CompiledModelQuery[Post]:
    return CompiledModelQuery(posts.filter(pk__lt=CURSOR).order_by("-pk")[:size])
