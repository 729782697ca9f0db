-- Updates like counts after likes are deleted.
CREATE OR REPLACE FUNCTION posts_count_likes_on_delete()
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
            SELECT post_id AS target, 'like' AS kind, user_id AS author, -1 AS step
            FROM gone
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
    AFTER DELETE ON posts_like
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION posts_count_likes_on_delete();
