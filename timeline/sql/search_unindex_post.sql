-- Removes a deleted post from the search index.
CREATE OR REPLACE FUNCTION search_unindex_post()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
BEGIN
    DELETE FROM timeline_searchentry WHERE post_id = OLD.id;
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER search_unindex
    AFTER DELETE ON posts_post
    FOR EACH ROW EXECUTE FUNCTION search_unindex_post();
