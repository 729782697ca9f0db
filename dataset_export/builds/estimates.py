"""Estimate size and duration of a build before it starts, from a sample of posts."""

import json
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import Count, F, Q, Sum

from consent.models import ConsentEvent
from consent.notices import min_valid_versions
from dataset_export.eligibility import exportable_posts
from dataset_export.humanize import approximate_duration, approximate_number
from dataset_export.models import BuildTask, Recipe, Snapshot
from posts.models import Post

# Sites up to this size are counted, larger ones sampled.
SAMPLE_POSTS = 2_000
# Samples pages of the table, the same on each call; may exceed the limit slightly.
SOME_POSTS = f"SELECT id FROM {Post._meta.db_table} TABLESAMPLE SYSTEM (%s) REPEATABLE (1) LIMIT %s"  # noqa: S608

# One worker's speed, until builds of this site are measured.
GUESSED_POSTS_A_SECOND = 4_000
# Builds with fewer posts say nothing about large ones.
TELLING_POSTS = 1_000
TELLING_BUILDS = 3


@dataclass(frozen=True, slots=True)
class Estimate:
    """Approximate posts, authors (at most) and duration of a build.

    `builds` is the number of earlier builds behind the duration; 0 means a guess.
    """

    posts: int
    authors: int
    seconds: float
    is_exact: bool
    builds: int

    @property
    def posts_in_words(self) -> str:
        return f"{self.posts:,}" if self.is_exact else f"about {approximate_number(self.posts)}"

    @property
    def authors_in_words(self) -> str:
        return approximate_number(self.authors)

    @property
    def time_in_words(self) -> str:
        return approximate_duration(self.seconds)


def estimate(snapshot: Snapshot) -> Estimate:
    """Return what a build of this draft would amount to now."""
    posts, is_exact = estimated_posts(snapshot.purpose)
    rate, builds = posts_a_second(snapshot.recipe)
    return Estimate(posts, consenting_users(snapshot.purpose), posts / rate, is_exact, builds)


def estimated_posts(purpose: str) -> tuple[int, bool]:
    """Return how many posts are eligible, and whether they were counted exactly."""
    few = list(Post.objects.order_by("pk").values_list("pk", flat=True)[: SAMPLE_POSTS + 1])
    if len(few) <= SAMPLE_POSTS:
        return exportable_posts(purpose).filter(pk__in=few).count(), True
    total = about_all_posts()
    drawn = some_posts(total)
    if not drawn:
        return 0, False
    return round(total * exportable_posts(purpose).filter(pk__in=drawn).count() / len(drawn)), False


def about_all_posts() -> int:
    """Return PostgreSQL's estimate of the number of posts, which reads none of them."""
    [explained] = json.loads(Post.objects.order_by().explain(format="json"))
    return max(int(explained["Plan"]["Plan Rows"]), SAMPLE_POSTS)


def some_posts(total: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(SOME_POSTS, [min(100.0, 100 * SAMPLE_POSTS / total), SAMPLE_POSTS])
        return [post_id for (post_id,) in cursor.fetchall()]


def consenting_users(purpose: str) -> int:
    """Return how many users have an active grant for a purpose, for the account or posts."""
    in_force = ConsentEvent.objects.filter(
        state__isnull=False,
        purpose=purpose,
        decision=ConsentEvent.Decision.GRANTED,
        notice__version__gte=min_valid_versions().get(purpose, 0),
    )
    return in_force.aggregate(people=Count("subject", distinct=True))["people"]


def posts_a_second(recipe: Recipe) -> tuple[float, int]:
    """Return the speed of the latest builds by this recipe, else by any, and their number."""
    for builds in (Snapshot.objects.filter(recipe=recipe), Snapshot.objects.all()):
        latest = list(
            builds.filter(built_at__isnull=False)
            .order_by("-built_at")
            .values_list("pk")[:TELLING_BUILDS]
        )
        posts, seconds = build_throughput([snapshot_id for (snapshot_id,) in latest])
        if posts >= TELLING_POSTS and seconds:
            return posts / seconds, len(latest)
    return GUESSED_POSTS_A_SECOND, 0


def build_throughput(snapshot_ids: list[int]) -> tuple[int, float]:
    """Return the posts that builds took in, and the busy seconds of their parallel workers."""
    sums = (
        BuildTask.objects.filter(snapshot__in=snapshot_ids, done_at__isnull=False)
        .values("snapshot")
        .annotate(
            posts=Sum("taken"),
            busy=Sum(F("done_at") - F("begun_at"), default=timedelta()),
            workers=Count("worker", distinct=True, filter=~Q(worker="")),
        )
        .values_list("posts", "busy", "workers")
    )
    rows = list(sums)
    posts = sum(posts for posts, _, _ in rows)
    return posts, sum(busy.total_seconds() / max(1, workers) for _, busy, workers in rows)
