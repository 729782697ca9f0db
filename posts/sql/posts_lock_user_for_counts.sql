-- Locks the user's row before counts change. Triggers of one event run in alphabetical order: this
-- is the first of three.
CREATE OR REPLACE FUNCTION posts_lock_user_for_counts()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM FROM accounts_user WHERE id = NEW.id FOR UPDATE;
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER counts_1_lock_user
    AFTER UPDATE OF is_active, suspended_at ON accounts_user
    FOR EACH ROW
    WHEN (
        (OLD.is_active AND OLD.suspended_at IS NULL)
        IS DISTINCT FROM (NEW.is_active AND NEW.suspended_at IS NULL)
    )
    EXECUTE FUNCTION posts_lock_user_for_counts();
