-- Updates reply, quote and repost counts after posts are deleted. Only public and unlisted posts
-- count.
CREATE OR REPLACE FUNCTION posts_count_posts_on_delete()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
DECLARE
    targets bigint[];
    kinds text[];
    authors bigint[];
    steps integer[];
BEGIN
    SELECT array_agg(target), array_agg(kind), array_agg(author), array_agg(step)
    INTO targets, kinds, authors, steps
    FROM (
        SELECT target, kind, author, sum(step)::integer AS step
        FROM (
            SELECT counted.target, counted.kind, one.author_id AS author, -1 AS step
            FROM gone AS one CROSS JOIN LATERAL (VALUES
                (CASE WHEN NOT one.is_hidden_reply THEN one.reply_to_id END, 'reply'),
                (CASE WHEN one.quote_state = 'shown' THEN one.quote_of_id END, 'quote'),
                (one.repost_of_id, 'repost')
            ) AS counted (target, kind)
            WHERE counted.target IS NOT NULL AND one.visibility IN ('public', 'unlisted')
        ) AS every
        GROUP BY target, kind, author HAVING sum(step) <> 0
    ) AS net;
    IF targets IS NOT NULL THEN
        PERFORM posts_apply_count_changes(
            targets, kinds, authors, steps, posts_is_active_user(authors)
        );
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER counts_on_delete
    AFTER DELETE ON posts_post
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION posts_count_posts_on_delete();
