-- Returns ids of posts that a viewer's home timeline may show, newest first, for users whose
-- timeline is not filled by fan-out. A custom plan each time: the number of followed users decides
-- it.
CREATE OR REPLACE FUNCTION home_candidates(viewer bigint, below bigint, most integer)
 RETURNS SETOF bigint
 LANGUAGE plpgsql
 STABLE
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path FROM CURRENT
AS $function$
DECLARE
    people bigint[] := ARRAY(SELECT followed_id FROM accounts_follow WHERE follower_id = viewer);
BEGIN
    RETURN QUERY
        SELECT post.id
        FROM posts_post post
        LEFT JOIN posts_post parent ON parent.id = post.reply_to_id
        WHERE post.author_id = ANY(people) AND post.id < below AND (
            (post.reply_to_id IS NULL AND post.thread_id IS NULL)
            OR parent.author_id = viewer
            OR EXISTS (SELECT FROM accounts_follow WHERE follower_id = viewer AND followed_id = parent.author_id)
        )
        ORDER BY post.id DESC LIMIT most;
END $function$;
