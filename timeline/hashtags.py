"""Hashtag pages, for one or several tags."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.selectors import Viewer
from posts.models import Hashtag, HashtagFollow, KeywordFilter, Post, PostHashtag
from posts.text.entities import tag_name, tags_in
from timeline.models import HashtagDailyUsage

MAX_COMBINED_TAGS = 5
_DAYS = 30
_WIDTH, HEIGHT = 120, 24


@dataclass(frozen=True, slots=True)
class HashtagUsage:
    """A hashtag's recent usage by day, with its sparkline."""

    posts: int
    people: int
    path: str


def parse_tag_path(address: str) -> list[str] | None:
    """Parse hashtags joined by plus signs, deduplicated; None if one is invalid."""
    labels = {tag_name(label): label for label in address.split("+")}
    are_tags = all(tags_in(f"#{label}") == [label] for label in labels.values())
    return list(labels.values()) if are_tags and len(labels) <= MAX_COMBINED_TAGS else None


def tag_timeline(names: list[str], viewer: Viewer) -> QuerySet[Post]:
    """Public posts with at least one of the hashtags."""
    tags = list(Hashtag.objects.filter(name__in=names).values_list("pk", flat=True))
    posts = Post.objects.public()
    if len(tags) == 1:
        # The hashtag's index has its posts in order.
        posts = posts.filter(taggings__tag=tags[0])
    else:
        tagged: Any = PostHashtag.objects.filter(post=OuterRef("pk"), tag__in=tags)
        posts = posts.filter(Exists(tagged))
    if viewer.is_authenticated:
        posts = posts.without_blocked(viewer).without_muted(viewer)
    return posts.without_filtered(viewer, KeywordFilter.Place.PUBLIC).with_card_data(viewer)


def is_following(viewer: Viewer, name: str) -> bool:
    return (
        viewer.is_authenticated
        and HashtagFollow.objects.filter(user=viewer, tag__name=name).exists()
    )


def followed_tags(viewer: User) -> QuerySet[HashtagFollow]:
    return HashtagFollow.objects.filter(user=viewer).select_related("tag")


def usage_by_day(tag_ids: list[int], today: date) -> dict[int, HashtagUsage]:
    """Return the usage of hashtags within a month, in one query."""
    first = today - timedelta(days=_DAYS - 1)
    rows: dict[int, dict[date, HashtagDailyUsage]] = {}
    for row in HashtagDailyUsage.objects.filter(tag__in=tag_ids, day__gte=first, day__lte=today):
        rows.setdefault(row.tag_id, {})[row.day] = row
    calendar = [first + timedelta(days=number) for number in range(_DAYS)]
    found = {}
    for pk, days in rows.items():
        counts = [days[day].posts if day in days else 0 for day in calendar]
        newest = max(days)
        found[pk] = HashtagUsage(
            sum(counts), days[newest].people if newest == today else 0, sparkline_path(counts)
        )
    return found


def sparkline_path(counts: list[int]) -> str:
    """Return the SVG path of a sparkline in a box of WIDTH by HEIGHT."""
    most, step = max(*counts, 1), _WIDTH / (len(counts) - 1)
    heights = [HEIGHT - 1 - count / most * (HEIGHT - 2) for count in counts]
    return "M" + "L".join(
        f"{number * step:.1f} {height:.1f}" for number, height in enumerate(heights)
    )
