-- Remembers the parent of a reply when the reference to it is cleared.
CREATE OR REPLACE FUNCTION posts_remember_ancestor()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
BEGIN
    NEW.surviving_ancestor_id := (
        SELECT coalesce(reply_to_id, surviving_ancestor_id) FROM posts_post WHERE id = OLD.reply_to_id
    );
    RETURN NEW;
END $function$;

CREATE OR REPLACE TRIGGER remember_ancestor
    BEFORE UPDATE OF reply_to_id ON posts_post
    FOR EACH ROW
    WHEN (OLD.reply_to_id IS NOT NULL AND NEW.reply_to_id IS NULL)
    EXECUTE FUNCTION posts_remember_ancestor();
