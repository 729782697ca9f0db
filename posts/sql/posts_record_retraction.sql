-- Records that a post left the public: deleted, made non-public, or marked as machine-made.
-- Exports read these rows to revoke the post.
CREATE OR REPLACE FUNCTION posts_record_retraction()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD.visibility <> 'public' OR OLD.authorship <> 'human' OR OLD.repost_of_id IS NOT NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO posts_retraction (post_id, reason, at) VALUES (OLD.id, 'deleted', clock_timestamp());
    ELSIF NEW.visibility <> 'public' THEN
        INSERT INTO posts_retraction (post_id, reason, at) VALUES (OLD.id, 'not_public', clock_timestamp());
    ELSIF NEW.authorship <> 'human' THEN
        INSERT INTO posts_retraction (post_id, reason, at) VALUES (OLD.id, 'not_human', clock_timestamp());
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER record_retraction
    AFTER DELETE OR UPDATE OF visibility, authorship ON posts_post
    FOR EACH ROW EXECUTE FUNCTION posts_record_retraction();
