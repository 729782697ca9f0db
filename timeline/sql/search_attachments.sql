-- Returns the search terms of a post's image descriptions and poll options, at weight C.
CREATE OR REPLACE FUNCTION search_attachments(post bigint)
 RETURNS tsvector
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path FROM CURRENT
AS $function$
    SELECT setweight(search_tsvector(concat_ws(
        ' ',
        (SELECT string_agg(alt, ' ' ORDER BY position) FROM posts_media WHERE post_id = post),
        (SELECT array_to_string(options, ' ') FROM posts_poll WHERE post_id = post)
    )), 'C')
$function$;
