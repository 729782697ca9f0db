from typing import Any

from django.conf import settings
from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Func, Q, TextField, Value, When
from django.db.models.functions import Concat, Now, NullIf
from django.utils import timezone

PHRASE_LENGTH = 100

# Scripts without spaces between words: Thai, Lao, Myanmar, Khmer and related ones, Han, kana. Words
# may begin and end anywhere next to these letters. Hangul takes particles, also after words of
# other scripts.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\u2e80-\u2fff\u3005-\u3007"
    r"\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua980-\ua9ff\uaa60-\uaadf\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
HANGUL = r"\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
# Marks inside words that PostgreSQL does not take for letters, such as the virama of Indic scripts.
MARKS = (
    r"\u0300-\u036f\u0483-\u0489\u0730-\u074a\u07eb-\u07f3\u0818-\u082d\u0859-\u085b\u0898-\u089f\u08ca-\u0963"
    r"\u0966-\u0df3\u0f35\u0f37\u0f39\u0f3e\u0f3f\u0f84\u0f86\u0f87\u135d-\u135f\u1714\u1715\u1734\u1ab0-\u1aff"
    r"\u1b80-\u1bf3\u1c37\u1cd0-\u1cf9\u1dc0-\u1dff\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ua66f-\ua67d\ua6f0\ua6f1"
    r"\ua806\ua82c\ua8c4\ua8e0-\ua8f1\ua92b-\ua92d\ua953\uabec\uabed\ufe20-\ufe2f\U00011000-\U00011fff"
)
WORD = rf"[:alnum:]_{MARKS}"
# A word begins where neither a word character nor a joining apostrophe (U+0003) precedes it, and
# ends alike. "'s" and other suffixes may follow, but "don" is not a word in "don't". A phrase that
# begins or ends with punctuation does so anywhere. \m and \M know none of this.
BEFORE_WORD = rf"(?:(?<![{WORD}\u0003])|(?<=[{_UNSPACED}])|(?=[{_UNSPACED}])|(?<=[{HANGUL}])(?![{HANGUL}])|(?![{WORD}]))(?:"  # noqa: E501
AFTER_WORD = rf")(?:(?![{WORD}]|\u0003t(?![{WORD}]))|(?=[{_UNSPACED}{HANGUL}])|(?<=[{_UNSPACED}{HANGUL}])|(?<![{WORD}]))"  # noqa: E501


def default_filter_scopes() -> list[str]:
    return list(KeywordFilter.Place.values)


class KeywordFilterQuerySet(models.QuerySet["KeywordFilter"]):
    def in_force(self) -> "KeywordFilterQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gt=Now()))

    def with_expressions(self) -> "KeywordFilterQuerySet":
        """Filters with the PostgreSQL regular `expression` of each."""
        word = Concat(Value(BEFORE_WORD), F("pattern"), Value(AFTER_WORD), output_field=TextField())
        return self.annotate(
            expression=Case(
                When(is_whole_word=True, then=word), default=F("pattern"), output_field=TextField()
            )
        )

    def combined_expression(self) -> models.QuerySet[Any, Any]:
        """One row with one expression for all filters of a user, or none.

        PostgreSQL caches few compiled expressions, and matches one for a hundred phrases as fast as
        for one.
        """
        words = StringAgg("pattern", "|", filter=Q(is_whole_word=True))
        word = Func(
            Value(BEFORE_WORD),
            words,
            Value(AFTER_WORD),
            template="(%(expressions)s)",
            arg_joiner=" || ",
            output_field=TextField(),
        )
        parts = StringAgg("pattern", "|", filter=Q(is_whole_word=False))
        either = Func(Value("|"), word, parts, function="concat_ws", output_field=TextField())
        return (
            self.order_by()
            .values("user")
            .annotate(expression=NullIf(either, Value(""), output_field=TextField()))
            .values("expression")
        )


class KeywordFilter(models.Model):
    """Hides or collapses posts that contain a phrase, in some scopes, permanently or until a
    time.
    """

    class Action(models.TextChoices):
        HIDE = "hide", "Hide completely"
        WARN = "warn", "Hide behind a warning"

    class Place(models.TextChoices):
        HOME = "home", "Home and lists"
        NOTIFICATIONS = "notifications", "Notifications"
        PUBLIC = "public", "Public posts, tags, Explore and search"
        THREADS = "threads", "Threads"
        PROFILES = "profiles", "Profiles"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="keyword_filters"
    )
    phrase = models.CharField("Word or phrase", max_length=PHRASE_LENGTH)
    is_whole_word = models.BooleanField("Only as whole words", default=True)
    # The folded phrase as a PostgreSQL regular expression, without word boundaries.
    pattern = models.TextField(editable=False)
    action = models.CharField("What to do", max_length=4, choices=Action, default=Action.HIDE)
    places = ArrayField(
        models.CharField(max_length=13, choices=Place), default=default_filter_scopes
    )
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = KeywordFilterQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="filter_newest")]
        constraints = [
            models.UniqueConstraint(fields=["user", "phrase"], name="filter_phrase_once"),
            models.CheckConstraint(
                condition=Q(action__in=["hide", "warn"]), name="filter_action_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    places__contained_by=["home", "notifications", "public", "threads", "profiles"],
                    places__len__gt=0,
                ),
                name="filter_places_known",
            ),
            models.CheckConstraint(condition=~Q(phrase=""), name="filter_has_a_phrase"),
        ]

    def __str__(self) -> str:
        return self.phrase

    @property
    def scope_labels(self) -> list[str]:
        return [place.label for place in self.Place if place in self.places]

    @property
    def has_ended(self) -> bool:
        return self.until is not None and self.until <= timezone.now()

    @property
    def is_everywhere(self) -> bool:
        return len(self.scope_labels) == len(self.Place)
