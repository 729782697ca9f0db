from typing import Any

from django.conf import settings
from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Func, Q, TextField, Value, When
from django.db.models.functions import Concat, NullIf
from django.utils import timezone

PHRASE_LENGTH = 100
PATTERN_LENGTH = 300
# Letters, digits and the underscore of all writings; \m and \M would never match beside a sign such as #.
BEFORE_WORD, AFTER_WORD = r"(?<![[:alnum:]_])(?:", r")(?![[:alnum:]_])"


def everywhere() -> list[str]:
    return list(KeywordFilter.Place.values)


class KeywordFilterQuerySet(models.QuerySet["KeywordFilter"]):
    def in_force(self) -> "KeywordFilterQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gt=timezone.now()))

    def with_expressions(self) -> "KeywordFilterQuerySet":
        """Filters with the `expression`, one of PostgreSQL's, that each looks for."""
        word = Concat(Value(BEFORE_WORD), F("pattern"), Value(AFTER_WORD), output_field=TextField())
        return self.annotate(
            expression=Case(When(is_whole_word=True, then=word), default=F("pattern"), output_field=TextField())
        )

    def as_one(self) -> models.QuerySet[Any, Any]:
        """One row with one expression for all filters of a person, or no row.

        PostgreSQL keeps few compiled expressions at hand, and tries one for a hundred phrases as fast as for one.
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
    """Somebody does not want to meet a word or phrase in some places, for a time or for good."""

    class Action(models.TextChoices):
        HIDE = "hide", "Leave such posts out"
        WARN = "warn", "Fold such posts and name the filter"

    class Place(models.TextChoices):
        HOME = "home", "Home and lists"
        NOTIFICATIONS = "notifications", "Notifications"
        PUBLIC = "public", "Public posts, tags, Explore and search"
        THREADS = "threads", "Conversations under a post"
        PROFILES = "profiles", "Profiles"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="keyword_filters")
    phrase = models.CharField("Word or phrase", max_length=PHRASE_LENGTH)
    is_whole_word = models.BooleanField("Only as whole words", default=True)
    # The phrase as a regular expression of PostgreSQL's, without what bounds a word.
    pattern = models.CharField(max_length=PATTERN_LENGTH, editable=False)
    action = models.CharField("What to do", max_length=4, choices=Action, default=Action.HIDE)
    places = ArrayField(models.CharField(max_length=13, choices=Place), default=everywhere)
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = KeywordFilterQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="filter_newest")]
        constraints = [
            models.UniqueConstraint(fields=["user", "phrase"], name="filter_phrase_once"),
            models.CheckConstraint(condition=Q(action__in=["hide", "warn"]), name="filter_action_known"),
            models.CheckConstraint(
                condition=Q(
                    places__contained_by=["home", "notifications", "public", "threads", "profiles"], places__len__gt=0
                ),
                name="filter_places_known",
            ),
            models.CheckConstraint(condition=~Q(phrase=""), name="filter_has_a_phrase"),
        ]

    def __str__(self) -> str:
        return self.phrase

    @property
    def place_names(self) -> list[str]:
        return [place.label for place in self.Place if place in self.places]

    @property
    def has_ended(self) -> bool:
        return self.until is not None and self.until <= timezone.now()

    @property
    def is_everywhere(self) -> bool:
        return len(self.place_names) == len(self.Place)
