"""Rows of timelines, by queries that are compiled once for a process."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import SUBJECT, Viewer, viewer_param
from common.compiled_queries import CURSOR, CompiledModelQuery
from common.pagination import GREATEST_ID
from posts.models import Post
from timeline.selectors import pinned_posts, public_timeline

OfPerson = Callable[[User, Viewer], QuerySet[Post]]
# There is one for each choice of languages, and most people make none.
MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Reader:
    """What of a viewer the queries themselves depend on."""

    is_anonymous: bool
    languages: tuple[str, ...]

    @classmethod
    def of(cls, viewer: Viewer) -> "Reader":
        return cls(viewer.is_anonymous, () if viewer.is_anonymous else tuple(viewer.reads_languages))

    @property
    def param(self) -> Viewer:
        """Who stands for the viewer while a query is compiled."""
        return viewer_param(is_anonymous=self.is_anonymous, reads_languages=self.languages)


def public_rows(viewer: Viewer, *, below: int | None, size: int) -> list[Post]:
    """Return the next rows of the public timeline."""
    return fetch(build_public_query(Reader.of(viewer), size), viewer, below)


def rows_of(timeline: OfPerson, profile: User, viewer: Viewer, *, below: int | None, size: int) -> list[Post]:
    """Return the next rows of one of the timelines that a profile has."""
    return fetch(build_profile_query(timeline, Reader.of(viewer), size), viewer, below, subject=profile.pk)


def pinned_rows(profile: User, viewer: Viewer) -> list[Post]:
    """Return what somebody keeps on top of the profile."""
    return fetch(build_pinned_query(Reader.of(viewer)), viewer, subject=profile.pk)


def fetch(query: CompiledModelQuery[Post], viewer: Viewer, below: int | None = None, *, subject: int = 0) -> list[Post]:
    return query.fetch(viewer=viewer.pk or 0, subject=subject, cursor=GREATEST_ID if below is None else below)


@lru_cache(MOST_KEPT)
def build_public_query(reader: Reader, size: int) -> CompiledModelQuery[Post]:
    return build_page_query(public_timeline(reader.param), size)


@lru_cache(MOST_KEPT)
def build_profile_query(timeline: OfPerson, reader: Reader, size: int) -> CompiledModelQuery[Post]:
    return build_page_query(timeline(SUBJECT, reader.param), size)


@lru_cache(MOST_KEPT)
def build_pinned_query(reader: Reader) -> CompiledModelQuery[Post]:
    return CompiledModelQuery(pinned_posts(SUBJECT, reader.param))


def build_page_query(posts: QuerySet[Post], size: int) -> CompiledModelQuery[Post]:
    return CompiledModelQuery(posts.filter(pk__lt=CURSOR).order_by("-pk")[:size])
