-- Re-indexes a post when its images' descriptions or its poll change.
CREATE OR REPLACE FUNCTION search_index_attachments()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM search_reindex_posts(ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.post_id END,
        CASE WHEN TG_OP <> 'DELETE' THEN NEW.post_id END
    ]);
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER search_index_image
    AFTER INSERT ON posts_media
    FOR EACH ROW
    WHEN (NEW.post_id IS NOT NULL AND NEW.alt <> '')
    EXECUTE FUNCTION search_index_attachments();

CREATE OR REPLACE TRIGGER search_reindex_image
    AFTER UPDATE OF post_id, "position", alt ON posts_media
    FOR EACH ROW
    WHEN (
        (OLD.alt <> '' OR NEW.alt <> '')
        AND (OLD.post_id, OLD.position, OLD.alt) IS DISTINCT FROM (NEW.post_id, NEW.position, NEW.alt)
    )
    EXECUTE FUNCTION search_index_attachments();

CREATE OR REPLACE TRIGGER search_unindex_image
    AFTER DELETE ON posts_media
    FOR EACH ROW
    WHEN (OLD.post_id IS NOT NULL AND OLD.alt <> '')
    EXECUTE FUNCTION search_index_attachments();

CREATE OR REPLACE TRIGGER search_index_poll
    AFTER INSERT OR DELETE ON posts_poll
    FOR EACH ROW EXECUTE FUNCTION search_index_attachments();

CREATE OR REPLACE TRIGGER search_reindex_poll
    AFTER UPDATE OF options ON posts_poll
    FOR EACH ROW
    WHEN (OLD.options IS DISTINCT FROM NEW.options)
    EXECUTE FUNCTION search_index_attachments();
