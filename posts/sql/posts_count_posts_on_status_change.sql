-- Adds or takes back everything a user contributes to counts when the account is suspended,
-- deactivated or restored.
CREATE OR REPLACE FUNCTION posts_count_posts_on_status_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
DECLARE
    targets bigint[];
    kinds text[];
    authors bigint[];
    steps integer[];
    direction integer := CASE WHEN NEW.is_active AND NEW.suspended_at IS NULL THEN 1 ELSE -1 END;
BEGIN
    SELECT array_agg(target), array_agg(kind), array_agg(author), array_agg(step)
    INTO targets, kinds, authors, steps
    FROM (
        SELECT target, kind, author, sum(step)::integer AS step
        FROM (
            SELECT counted.target, counted.kind, one.author_id AS author, direction AS step
            FROM posts_post AS one CROSS JOIN LATERAL (VALUES
                (CASE WHEN NOT one.is_hidden_reply THEN one.reply_to_id END, 'reply'),
                (CASE WHEN one.quote_state = 'shown' THEN one.quote_of_id END, 'quote'),
                (one.repost_of_id, 'repost')
            ) AS counted (target, kind)
            WHERE counted.target IS NOT NULL AND one.visibility IN ('public', 'unlisted')
                AND one.author_id = NEW.id
            UNION ALL
            SELECT post_id AS target, 'like' AS kind, user_id AS author, direction AS step
            FROM posts_like WHERE user_id = NEW.id
        ) AS every
        GROUP BY target, kind, author HAVING sum(step) <> 0
    ) AS net;
    IF targets IS NOT NULL THEN
        PERFORM posts_apply_count_changes(targets, kinds, authors, steps, ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER counts_2_posts
    AFTER UPDATE OF is_active, suspended_at ON accounts_user
    FOR EACH ROW
    WHEN (
        (OLD.is_active AND OLD.suspended_at IS NULL)
        IS DISTINCT FROM (NEW.is_active AND NEW.suspended_at IS NULL)
    )
    EXECUTE FUNCTION posts_count_posts_on_status_change();
