-- Adds or takes back a user's votes when the account is suspended, deactivated or restored.
CREATE OR REPLACE FUNCTION posts_count_votes_on_status_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
DECLARE
    polls bigint[];
    voters bigint[];
    masks integer[];
    direction integer := CASE WHEN NEW.is_active AND NEW.suspended_at IS NULL THEN 1 ELSE -1 END;
BEGIN
    SELECT array_agg(poll_id), array_agg(user_id),
        array_agg((SELECT sum(1 << choice)::integer FROM unnest(choices) AS choice))
    INTO polls, voters, masks FROM posts_pollvote WHERE user_id = NEW.id;
    IF polls IS NOT NULL THEN
        PERFORM posts_apply_vote_changes(polls, voters, masks, direction, ARRAY[NEW.id]);
    END IF;

    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER counts_3_votes
    AFTER UPDATE OF is_active, suspended_at ON accounts_user
    FOR EACH ROW
    WHEN (
        (OLD.is_active AND OLD.suspended_at IS NULL)
        IS DISTINCT FROM (NEW.is_active AND NEW.suspended_at IS NULL)
    )
    EXECUTE FUNCTION posts_count_votes_on_status_change();
