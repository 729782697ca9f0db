"""Keyword filters evaluated in PostgreSQL, so that pages stay full."""

import re
from collections.abc import Collection
from typing import Any

from django.db.models import BooleanField, Case, Func, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from common.text_folding import fold_text
from posts.models.keyword_filter import KeywordFilter, KeywordFilterQuerySet

# ASCII only: PostgreSQL takes a backslash before a letter or mark for an escape.
SPECIAL = re.compile(r"[!-/:-@[-^`{-~]")
ALL_ACTIONS = tuple(KeywordFilter.Action)


def build_pattern(phrase: str) -> str:
    """Return a phrase as a PostgreSQL regular expression for folded text, with any whitespace
    between words.

    Empty if the phrase has no visible character. U+0003 stands for an apostrophe inside a word.
    """
    words = [SPECIAL.sub(r"\\\g<0>", word) for word in fold_text(phrase).split()]
    return r"\s+".join(words).replace(r"\'", r"['\u0003]")


class PostMatches(Func):
    """Whether anything that a post's card shows matches an expression; NULL without one.

    That is its text, warning, poll options and image descriptions, and those of a public post it
    quotes; for a repost, those of the original.
    """

    function = "posts_matches_filter"
    output_field = BooleanField()


def hidden_by_filter(viewer: User, place: str, post: str = "pk") -> Coalesce:
    """Return whether the viewer's filters hide a post in a scope."""
    return matches_any(filters_of(viewer, place, [KeywordFilter.Action.HIDE]), post)


def collapsed_by_filter(viewer: User, place: str, actions: Collection[str]) -> Case:
    """Return the phrase of the viewer's first filter that collapses a post in a scope, or empty."""
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
    # The expression is fetched once per query; without one no post is examined.
    return Coalesce(PostMatches(post, Subquery(filters.combined_expression())), Value(False))
