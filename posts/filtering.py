"""Which posts a person's keyword filters are about, asked in PostgreSQL so that pages are full."""

import re
from collections.abc import Collection
from typing import Any

from django.db.models import BooleanField, Case, Func, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from common.text_folding import fold_text
from posts.models.keyword_filter import KeywordFilter, KeywordFilterQuerySet

# Of ASCII alone: PostgreSQL takes a backslash before a letter or mark for the beginning of something else.
SPECIAL = re.compile(r"[!-/:-@[-^`{-~]")
ALL_ACTIONS = tuple(KeywordFilter.Action)


def build_pattern(phrase: str) -> str:
    """Return a phrase as a regular expression of PostgreSQL's for folded text, with any blanks between its words.

    It is empty where nothing of the phrase can be seen. U+0003 stands in a text for an apostrophe inside a word.
    """
    words = [SPECIAL.sub(r"\\\g<0>", word) for word in fold_text(phrase).split()]
    return r"\s+".join(words).replace(r"\'", r"['\u0003]")


class PostMatches(Func):
    """Whether a post says what an expression looks for, in anything that its card shows; unknown without one.

    That is its words, its warning, the answers of its poll, the descriptions of its pictures, and all this of a post
    for everyone that it quotes; for a repost, what the post itself says.
    """

    function = "posts_matches_filter"
    output_field = BooleanField()


def hidden_by_filter(viewer: User, place: str, post: str = "pk") -> Coalesce:
    """Return the question whether the viewer's filters leave a post out in a place."""
    return matches_any(filters_of(viewer, place, [KeywordFilter.Action.HIDE]), post)


def collapsed_by_filter(viewer: User, place: str, actions: Collection[str]) -> Case:
    """Return the phrase of the viewer's first filter that folds a post in a place, empty where none does."""
    filters = filters_of(viewer, place, actions)
    found: Any = (
        filters.with_expressions()
        .filter(PostMatches(OuterRef("pk"), "expression"))
        .order_by("pk")
        .values("phrase")
    )
    matches = ~Q(author=viewer) & Q(matches_any(filters, "pk"))
    return Case(
        When(matches, then=Subquery(found[:1])), default=Value(""), output_field=TextField()
    )


def filters_of(viewer: User, place: str, actions: Collection[str]) -> KeywordFilterQuerySet:
    return KeywordFilter.objects.in_force().filter(
        user=viewer, places__contains=[place], action__in=list(actions)
    )


def matches_any(filters: KeywordFilterQuerySet, post: str) -> Coalesce:
    # The expression is asked of the database once in a query, and without one no post is looked at.
    return Coalesce(PostMatches(post, Subquery(filters.combined_expression())), Value(False))
