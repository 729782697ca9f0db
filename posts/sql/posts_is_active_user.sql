-- Returns those of the users whose activity counts. Their rows are locked against a suspension at
-- the same time: it either is visible here, or waits and takes back what is counted now.
CREATE OR REPLACE FUNCTION posts_is_active_user(people bigint[])
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM FROM accounts_user WHERE id = ANY(people) ORDER BY id FOR KEY SHARE;
    RETURN ARRAY(SELECT id FROM accounts_user WHERE id = ANY(people) AND is_active AND suspended_at IS NULL);
END $function$;
