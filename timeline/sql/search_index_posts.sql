-- Adds new posts to the search index, in the transaction that inserts them.
CREATE OR REPLACE FUNCTION search_index_posts()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path FROM CURRENT
AS $function$
BEGIN
    INSERT INTO timeline_searchentry (post_id, terms)
SELECT id, search_tsvector(concat_ws(' ', nullif(warning, ''), text)) || search_facets(
    html,
    'by=' || author_id, 'a=' || (id >> 39), 'b=' || (id >> 43), 'c=' || (id >> 47),
    'lang=' || coalesce(nullif(lower(split_part(language, '-', 1)), ''), 'und'),
    CASE WHEN reply_to_id IS NOT NULL THEN 'is=reply' END,
    CASE WHEN has_media THEN 'has=media' END,
    CASE WHEN has_poll THEN 'has=poll' END,
    CASE WHEN has_link THEN 'has=link' END
)
FROM fresh WHERE repost_of_id IS NULL
;
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER search_index
    AFTER INSERT ON posts_post
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION search_index_posts();
