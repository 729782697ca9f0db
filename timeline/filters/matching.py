"""Which posts of a timeline a person's keyword filters are about, asked in PostgreSQL so that pages are full."""

import re

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Concat

from accounts.models import User
from accounts.selectors import Viewer
from posts.models import PostQuerySet
from timeline.models import KeywordFilter

# The attribute of a post that says which phrase folds it.
FOLDED = "warned_by"
SPECIAL = re.compile(r"[^\w\s]")
SPACE = re.compile(r"\s+")
# Letters, digits and the underscore of all writings; \m and \M would never match beside a sign such as #.
BEFORE_WORD, AFTER_WORD = r"(?<![[:alnum:]_])", r"(?![[:alnum:]_])"


def pattern_of(phrase: str, *, is_whole_word: bool) -> str:
    """Return a phrase as a regular expression of PostgreSQL's, with any blanks between its words."""
    escaped = SPACE.sub(r"\\s+", SPECIAL.sub(r"\\\g<0>", phrase.strip()))
    return f"{BEFORE_WORD}{escaped}{AFTER_WORD}" if is_whole_word else escaped


def without_filtered(posts: PostQuerySet, viewer: Viewer) -> PostQuerySet:
    """Leave out what the viewer's filters hide, save their own; set `warned_by`, the phrase that folds a post."""
    if viewer.is_anonymous:
        return posts.annotate(**{FOLDED: Value("")})
    shown = posts.filter(Q(author=viewer) | ~Exists(matching(viewer, KeywordFilter.Action.HIDE)))
    folding = matching(viewer, KeywordFilter.Action.WARN).order_by("pk").values("phrase")
    return shown.annotate(**{FOLDED: Subquery(folding[:1])})


def matching(viewer: User, action: str) -> QuerySet[KeywordFilter]:
    """Filters in force that a post's words and warning match; for a repost, those of the post."""
    text = Coalesce(OuterRef("repost_of__text"), OuterRef("text"))
    warning = Coalesce(OuterRef("repost_of__warning"), OuterRef("warning"))
    filters = KeywordFilter.objects.in_force().filter(user=viewer, action=action)
    words = Concat(text, Value(" "), warning, output_field=TextField())
    return filters.annotate(words=words).filter(words__iregex=F("pattern"))
