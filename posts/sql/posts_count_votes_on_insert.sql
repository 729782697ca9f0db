-- Updates the counts of polls after votes are inserted.
CREATE OR REPLACE FUNCTION posts_count_votes_on_insert()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
DECLARE
    polls bigint[];
    voters bigint[];
    masks integer[];
BEGIN
    SELECT array_agg(poll_id), array_agg(user_id),
        array_agg((SELECT sum(1 << choice)::integer FROM unnest(choices) AS choice))
    INTO polls, voters, masks FROM fresh;
    IF polls IS NOT NULL THEN
        PERFORM posts_apply_vote_changes(polls, voters, masks, 1, posts_is_active_user(voters));
    END IF;

    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER counts_on_insert
    AFTER INSERT ON posts_pollvote
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION posts_count_votes_on_insert();
