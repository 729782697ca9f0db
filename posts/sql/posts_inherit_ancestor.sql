-- Gives the replies to a deleted post its nearest known ancestor, so that threads stay joined.
CREATE OR REPLACE FUNCTION posts_inherit_ancestor()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
BEGIN
    LOOP
        UPDATE posts_post AS post
        SET surviving_ancestor_id = coalesce(gone.reply_to_id, gone.surviving_ancestor_id)
        FROM gone WHERE gone.id = post.surviving_ancestor_id;
        EXIT WHEN NOT FOUND;
    END LOOP;
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER inherit_ancestor
    AFTER DELETE ON posts_post
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION posts_inherit_ancestor();
