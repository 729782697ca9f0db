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
    AFTER UPDATE OF author_id, text, html, warning, language, reply_to_id, has_media, has_poll, has_link ON posts_post
    FOR EACH ROW
    WHEN ((((((((((old.author_id IS DISTINCT FROM new.author_id) OR (old.text IS DISTINCT FROM new.text)) OR (old.html IS DISTINCT FROM new.html)) OR ((old.warning)::text IS DISTINCT FROM (new.warning)::text)) OR ((old.language)::text IS DISTINCT FROM (new.language)::text)) OR (old.reply_to_id IS DISTINCT FROM new.reply_to_id)) OR (old.has_media IS DISTINCT FROM new.has_media)) OR (old.has_poll IS DISTINCT FROM new.has_poll)) OR (old.has_link IS DISTINCT FROM new.has_link))) EXECUTE FUNCTION search_reindex_post();
