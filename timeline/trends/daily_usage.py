"""How many posts and people each tag has a day."""

from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction

from common.snowflake import min_id_at
from timeline.models import HashtagDailyUsage

# Posts of so many days are counted again, as some are deleted or hidden meanwhile.
_RECENT = 2

_COUNT = """
INSERT INTO timeline_hashtagdailyusage (tag_id, day, posts, people)
SELECT tag_id, %(day)s, count(*), count(DISTINCT author_id)
FROM posts_posthashtag JOIN posts_post ON posts_post.id = post_id JOIN accounts_user ON accounts_user.id = author_id
WHERE post_id >= %(since)s AND post_id < %(until)s AND visibility = 'public' AND is_active AND suspended_at IS NULL
    AND is_discoverable
GROUP BY tag_id
"""


@transaction.atomic
def count_tag_days(today: date) -> None:
    """Count today and the day before."""
    for day in (today - timedelta(days=back) for back in range(_RECENT)):
        begin = datetime.combine(day, time.min, UTC)
        span = {"since": min_id_at(begin), "until": min_id_at(begin + timedelta(days=1))}
        HashtagDailyUsage.objects.filter(day=day).delete()
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {"day": day, **span})
