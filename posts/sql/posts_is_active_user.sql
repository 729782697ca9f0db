CREATE OR REPLACE FUNCTION posts_is_active_user(people bigint[])
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
BEGIN
    -- Whoever suspends one of them has done so, and it is seen below; or waits, and takes back what is counted now.
    PERFORM FROM accounts_user WHERE id = ANY(people) ORDER BY id FOR KEY SHARE;
    RETURN ARRAY(SELECT id FROM accounts_user WHERE id = ANY(people) AND is_active AND suspended_at IS NULL);
END $function$;
