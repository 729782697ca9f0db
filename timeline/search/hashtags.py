"""Searches hashtags by prefix, ignoring accents and case."""

from datetime import date, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.expressions import F, Func
from django.db.models.functions import Coalesce, Least

from posts.models import Hashtag, Post, PostHashtag
from timeline.models import HashtagDailyUsage

# Hashtags are ranked by posts of so many days.
RECENT_DAYS = 7
MAX_HASHTAG_WORDS = 8
# The count, shifted, plus the hashtag's id: a unique order in one number.
_BITS = 40
MAX_HASHTAG_POSTS = 1 << 22


class NormalizeText(Func):
    function = "search_normalize"
    arity = 1
    output_field = TextField()


def find_tags(words: str, today: date) -> QuerySet[Hashtag]:
    """Public hashtags that begin with one of the words, most recently used first."""
    begins = Q()
    for word in words.split()[:MAX_HASHTAG_WORDS]:
        begins |= Q(folded__startswith=NormalizeText(Value(word)))
    listed = Post.objects.public().filter(author__is_discoverable=True)
    used: Any = PostHashtag.objects.filter(tag=OuterRef("pk"), post__in=listed)
    tags = Hashtag.objects.alias(folded=NormalizeText("name")).filter(begins).filter(Exists(used))
    place = ExpressionWrapper(
        Least(recent_posts(today), MAX_HASHTAG_POSTS) * Value(1 << _BITS) + F("pk"),
        BigIntegerField(),
    )
    return tags.annotate(place=place) if begins else tags.annotate(place=place).none()


def recent_posts(today: date) -> Coalesce:
    """Count the posts of a hashtag in the week up to a day."""
    days = HashtagDailyUsage.objects.filter(
        tag=OuterRef("pk"), day__gt=today - timedelta(days=RECENT_DAYS)
    )
    summed = Subquery(days.order_by().values("tag").annotate(total=Sum("posts")).values("total"))
    return Coalesce(summed, 0, output_field=BigIntegerField())
