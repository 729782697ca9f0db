from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

PHRASE_LENGTH = 100
PATTERN_LENGTH = 300


class HomeMarker(models.Model):
    """How far somebody has read at home, on whatever device; it only moves on."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="home_marker")
    last_read_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id} read up to {self.last_read_id}"


class KeywordFilterQuerySet(models.QuerySet["KeywordFilter"]):
    def in_force(self) -> "KeywordFilterQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gt=timezone.now()))


class KeywordFilter(models.Model):
    """Somebody does not want to meet a word or phrase in timelines, for a time or for good."""

    class Action(models.TextChoices):
        HIDE = "hide", "Leave such posts out"
        WARN = "warn", "Fold such posts and name the filter"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="keyword_filters")
    phrase = models.CharField("Word or phrase", max_length=PHRASE_LENGTH)
    is_whole_word = models.BooleanField("Only as whole words", default=True)
    # The phrase as a regular expression of PostgreSQL's.
    pattern = models.CharField(max_length=PATTERN_LENGTH, editable=False)
    action = models.CharField("What to do", max_length=4, choices=Action, default=Action.HIDE)
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = KeywordFilterQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="keyword_filter_newest")]
        constraints = [
            models.UniqueConstraint(fields=["user", "phrase"], name="filter_a_phrase_once"),
            models.CheckConstraint(condition=Q(action__in=["hide", "warn"]), name="filter_action_known"),
            models.CheckConstraint(condition=~Q(phrase=""), name="filter_has_a_phrase"),
        ]

    def __str__(self) -> str:
        return self.phrase
