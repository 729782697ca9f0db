from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from posts.models import Hashtag, Post

MAX_TREND_URL_LENGTH = 2000
SHOWN_LENGTH = 100
# A unique order in one number: the score, shifted by so many bits, plus the row id.
RANK_BITS = 32


class TrendQuerySet(models.QuerySet["Trend"]):
    def shown(self) -> "TrendQuerySet":
        """Current, approved trends in descending order; `place` is the unique rank."""
        place = models.ExpressionWrapper(
            F("score") * (1 << RANK_BITS) + F("pk"), models.BigIntegerField()
        )
        return (
            self.filter(state=Trend.State.ALLOWED, score__gt=0)
            .annotate(place=place)
            .order_by("-place")
        )


class Trend(models.Model):
    """A hashtag, post or link that many users use; shown only after approval.

    The row outlives the trend and keeps the decision.
    """

    class Kind(models.TextChoices):
        TAG = "tag"
        POST = "post"
        LINK = "link"

    class State(models.TextChoices):
        PENDING = "pending"
        ALLOWED = "allowed"
        REFUSED = "refused"

    kind = models.CharField(max_length=4, choices=Kind, editable=False)
    tag = models.OneToOneField(
        Hashtag, models.CASCADE, null=True, blank=True, editable=False, related_name="trend"
    )
    post = models.OneToOneField(
        Post, models.CASCADE, null=True, blank=True, editable=False, related_name="trend"
    )
    url = models.CharField(max_length=MAX_TREND_URL_LENGTH, blank=True, editable=False)
    # Score in thousandths of a current user; 0 once it is over.
    score = models.PositiveBigIntegerField(default=0, editable=False)
    people = models.PositiveIntegerField(default=0, editable=False)
    found_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TrendQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["url"], name="trend_link_once", condition=~Q(url="")),
            models.CheckConstraint(
                condition=Q(kind="tag", tag__isnull=False, post__isnull=True, url="")
                | Q(kind="post", tag__isnull=True, post__isnull=False, url="")
                | Q(Q(kind="link", tag__isnull=True, post__isnull=True), ~Q(url="")),
                name="trend_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state="pending") | Q(decided_at__isnull=False),
                name="trend_decided_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "-score"], name="trend_greatest", condition=Q(score__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.tag_id or self.post_id or self.url}"

    @property
    def shown_url(self) -> str:
        """The URL for display: without scheme, at most two lines."""
        rest = self.url.partition("://")[2].removesuffix("/")
        return rest if len(rest) <= SHOWN_LENGTH else f"{rest[:SHOWN_LENGTH]}…"

    @property
    def host(self) -> str:
        return self.url.partition("://")[2].partition("/")[0].removeprefix("www.")
