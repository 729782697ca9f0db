-- Replaces the index entries of posts. Facets a, b and c are ever longer spans of time, by which a
-- search limits its range.
CREATE OR REPLACE FUNCTION search_reindex_posts(posts bigint[])
 RETURNS void
 LANGUAGE sql
 SET search_path FROM CURRENT
AS $function$
    INSERT INTO timeline_searchentry (post_id, terms)
    SELECT id, search_tsvector(concat_ws(' ', nullif(warning, ''), text)) || search_facets(
        html,
        'by=' || author_id, 'a=' || (id >> 39), 'b=' || (id >> 43), 'c=' || (id >> 47),
        'lang=' || coalesce(nullif(lower(split_part(language, '-', 1)), ''), 'und'),
        CASE WHEN reply_to_id IS NOT NULL THEN 'is=reply' END,
        CASE WHEN has_media THEN 'has=media' END,
        CASE WHEN has_poll THEN 'has=poll' END,
        CASE WHEN has_link THEN 'has=link' END
    ) || CASE WHEN has_media OR has_poll THEN search_attachments(id) ELSE '' END
    FROM posts_post WHERE id = ANY(posts) AND repost_of_id IS NULL
    ON CONFLICT (post_id) DO UPDATE SET terms = excluded.terms
$function$;
