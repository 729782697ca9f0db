-- Adds net changes to the like, reply, repost and quote counts of posts; only authors in `people`
-- count. Rows are locked in ascending order, as everywhere else.
CREATE OR REPLACE FUNCTION posts_apply_count_changes(targets bigint[], kinds text[], authors bigint[], steps integer[], people bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
BEGIN
    -- In ascending order, as every writer locks posts: no deadlock.
    PERFORM FROM posts_post WHERE id = ANY(targets) ORDER BY id FOR NO KEY UPDATE;
    UPDATE posts_post AS post SET
        like_count = greatest(post.like_count + coalesce(net.likes, 0), 0),
        reply_count = greatest(post.reply_count + coalesce(net.replies, 0), 0),
        repost_count = greatest(post.repost_count + coalesce(net.reposts, 0), 0),
        quote_count = greatest(post.quote_count + coalesce(net.quotes, 0), 0)
    FROM (
        SELECT target,
            sum(step) FILTER (WHERE kind = 'like') AS likes,
            sum(step) FILTER (WHERE kind = 'reply') AS replies,
            sum(step) FILTER (WHERE kind = 'repost') AS reposts,
            sum(step) FILTER (WHERE kind = 'quote') AS quotes
        FROM unnest(targets, kinds, authors, steps) AS change (target, kind, author, step)
        WHERE author = ANY(people)
        GROUP BY target
    ) AS net
    WHERE post.id = net.target;
END $function$;
