"""Rows of timelines, by questions that are worked out once for a process."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import Viewer
from common.pagination import GREATEST_ID
from common.prepared import SOMEBODY, SOMEWHERE, SUBJECT, Prepared, filled
from posts.models import Post
from timeline.selectors import pinned_posts, public_timeline

OfPerson = Callable[[User, Viewer], QuerySet[Post]]
# There is one for each choice of languages, and most people make none.
MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Reader:
    """What of a viewer the questions themselves depend on."""

    is_anonymous: bool
    languages: tuple[str, ...]

    @classmethod
    def of(cls, viewer: Viewer) -> "Reader":
        return cls(viewer.is_anonymous, () if viewer.is_anonymous else tuple(viewer.reads_languages))

    @property
    def somebody(self) -> Viewer:
        """Whoever stands in for the viewer."""
        return AnonymousUser() if self.is_anonymous else User(pk=SOMEBODY, reads_languages=list(self.languages))


def public_rows(viewer: Viewer, *, below: int | None, size: int) -> list[Post]:
    """Return the next rows of the public timeline."""
    return asked(public_question(Reader.of(viewer), size), viewer, below)


def rows_of(timeline: OfPerson, profile: User, viewer: Viewer, *, below: int | None, size: int) -> list[Post]:
    """Return the next rows of one of the timelines that a profile has."""
    return asked(question_about(timeline, Reader.of(viewer), size), viewer, below, about=profile.pk)


def pinned_rows(profile: User, viewer: Viewer) -> list[Post]:
    """Return what somebody keeps on top of the profile."""
    return asked(pinned_question(Reader.of(viewer)), viewer, about=profile.pk)


def asked(question: Prepared[Post], viewer: Viewer, below: int | None = None, *, about: int = 0) -> list[Post]:
    cursor = GREATEST_ID if below is None else below
    return list(question.ask(lambda parameter: filled(parameter, viewer.pk or 0, about=about, after=cursor)))


@lru_cache(MOST_KEPT)
def public_question(reader: Reader, size: int) -> Prepared[Post]:
    return cut(public_timeline(reader.somebody), size)


@lru_cache(MOST_KEPT)
def question_about(timeline: OfPerson, reader: Reader, size: int) -> Prepared[Post]:
    return cut(timeline(User(pk=SUBJECT), reader.somebody), size)


@lru_cache(MOST_KEPT)
def pinned_question(reader: Reader) -> Prepared[Post]:
    return Prepared(pinned_posts(User(pk=SUBJECT), reader.somebody))


def cut(posts: QuerySet[Post], size: int) -> Prepared[Post]:
    return Prepared(posts.filter(pk__lt=SOMEWHERE).order_by("-pk")[:size])
