"""Recounts posts and polls, in case something bypassed the triggers."""

from django.db import connection, transaction

from posts.models import Post

_POSTS_AT_ONCE = 1_000
# One row for each thing that counts for a post; see ADR 21 for what does.
_COUNTED = """
SELECT post_id AS target, 'like' AS kind, user_id AS author FROM posts_like WHERE post_id = ANY(%(ids)s)
UNION ALL
SELECT reply_to_id, 'reply', author_id FROM posts_post
WHERE reply_to_id = ANY(%(ids)s) AND visibility IN ('public', 'unlisted') AND NOT is_hidden_reply
UNION ALL
SELECT repost_of_id, 'repost', author_id FROM posts_post
WHERE repost_of_id = ANY(%(ids)s) AND visibility IN ('public', 'unlisted')
UNION ALL
SELECT quote_of_id, 'quote', author_id FROM posts_post
WHERE quote_of_id = ANY(%(ids)s) AND visibility IN ('public', 'unlisted') AND quote_state = 'shown'
"""
COUNT_POSTS = f"""
WITH net AS (
    SELECT target,
        count(*) FILTER (WHERE kind = 'like') AS likes,
        count(*) FILTER (WHERE kind = 'reply') AS replies,
        count(*) FILTER (WHERE kind = 'repost') AS reposts,
        count(*) FILTER (WHERE kind = 'quote') AS quotes
    FROM ({_COUNTED}) AS one
    JOIN accounts_user AS person ON person.id = one.author AND person.is_active AND person.suspended_at IS NULL
    GROUP BY target
), right_counts AS (
    SELECT wanted.id, coalesce(net.likes, 0) AS likes, coalesce(net.replies, 0) AS replies,
        coalesce(net.reposts, 0) AS reposts, coalesce(net.quotes, 0) AS quotes
    FROM unnest(%(ids)s::bigint[]) AS wanted (id) LEFT JOIN net ON net.target = wanted.id
)
UPDATE posts_post AS post
SET like_count = likes, reply_count = replies, repost_count = reposts, quote_count = quotes
FROM right_counts WHERE right_counts.id = post.id
    AND (post.like_count, post.reply_count, post.repost_count, post.quote_count) <> (likes, replies, reposts, quotes)
"""  # noqa: S608
COUNT_VOTES = """
WITH cast_votes AS (
    SELECT vote.poll_id, vote.choices FROM posts_pollvote AS vote
    JOIN accounts_user AS person ON person.id = vote.user_id AND person.is_active AND person.suspended_at IS NULL
    WHERE vote.poll_id = ANY(%(ids)s)
), right_counts AS (
    SELECT poll.post_id,
        (SELECT count(*) FROM cast_votes WHERE poll_id = poll.post_id) AS voters,
        ARRAY(
            SELECT (SELECT count(*) FROM cast_votes WHERE poll_id = poll.post_id AND place - 1 = ANY(choices))::integer
            FROM generate_series(1, cardinality(poll.options)) AS place ORDER BY place
        ) AS counts
    FROM posts_poll AS poll WHERE poll.post_id = ANY(%(ids)s)
)
UPDATE posts_poll AS poll SET voter_count = voters, counts = right_counts.counts
FROM right_counts WHERE right_counts.post_id = poll.post_id
    AND (poll.voter_count, poll.counts) IS DISTINCT FROM (voters::integer, right_counts.counts)
"""


def recount() -> int:
    """Set the counts of all posts and polls to what there is, and return of how many they were wrong.

    Some posts at a time, held meanwhile, so that whatever comes or goes then is counted on top.
    """
    wrong, last = 0, 0
    while True:
        with transaction.atomic():
            posts = Post.objects.select_for_update(no_key=True).filter(pk__gt=last).order_by("pk")
            ids = list(posts.values_list("pk", flat=True)[:_POSTS_AT_ONCE])
            if not ids:
                return wrong
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT FROM posts_poll WHERE post_id = ANY(%s) ORDER BY post_id FOR UPDATE",
                    [ids],
                )
                for statement in (COUNT_POSTS, COUNT_VOTES):
                    cursor.execute(statement, {"ids": ids})
                    wrong += cursor.rowcount
        last = ids[-1]
