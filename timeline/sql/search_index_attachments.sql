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
    WHEN (((new.post_id IS NOT NULL) AND ((new.alt)::text <> ''::text))) EXECUTE FUNCTION search_index_attachments();

CREATE OR REPLACE TRIGGER search_reindex_image
    AFTER UPDATE OF post_id, "position", alt ON posts_media
    FOR EACH ROW
    WHEN (((((old.alt)::text <> ''::text) OR ((new.alt)::text <> ''::text)) AND (((old.post_id IS DISTINCT FROM new.post_id) OR (old."position" IS DISTINCT FROM new."position")) OR ((old.alt)::text IS DISTINCT FROM (new.alt)::text)))) EXECUTE FUNCTION search_index_attachments();

CREATE OR REPLACE TRIGGER search_unindex_image
    AFTER DELETE ON posts_media
    FOR EACH ROW
    WHEN (((old.post_id IS NOT NULL) AND ((old.alt)::text <> ''::text))) EXECUTE FUNCTION search_index_attachments();

CREATE OR REPLACE TRIGGER search_index_poll
    AFTER INSERT OR DELETE ON posts_poll
    FOR EACH ROW EXECUTE FUNCTION search_index_attachments();

CREATE OR REPLACE TRIGGER search_reindex_poll
    AFTER UPDATE OF options ON posts_poll
    FOR EACH ROW
    WHEN ((old.options IS DISTINCT FROM new.options)) EXECUTE FUNCTION search_index_attachments();
