-- Re-indexes a post when something that search looks at changes.
CREATE OR REPLACE FUNCTION search_reindex_post()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM search_reindex_posts(ARRAY[NEW.id]);
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER search_reindex
    AFTER UPDATE OF
        author_id, text, html, warning, language, reply_to_id, has_media, has_poll, has_link
    ON posts_post
    FOR EACH ROW
    WHEN (
        (OLD.author_id, OLD.text, OLD.html, OLD.warning, OLD.language, OLD.reply_to_id,
            OLD.has_media, OLD.has_poll, OLD.has_link)
        IS DISTINCT FROM
        (NEW.author_id, NEW.text, NEW.html, NEW.warning, NEW.language, NEW.reply_to_id,
            NEW.has_media, NEW.has_poll, NEW.has_link)
    )
    EXECUTE FUNCTION search_reindex_post();
