CREATE OR REPLACE FUNCTION posts_matches_filter(shown bigint, pattern text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE STRICT
 SET search_path FROM CURRENT
AS $function$
DECLARE
    words text;
BEGIN
    SELECT string_agg(concat_ws(
        E'\x02', said.warning, said.text,
        CASE WHEN said.has_poll THEN
            (SELECT array_to_string(options, E'\x02') FROM posts_poll WHERE post_id = said.id)
        END,
        CASE WHEN said.has_media THEN
            (SELECT string_agg(alt, E'\x02') FROM posts_media WHERE post_id = said.id)
        END
    ), E'\x02') INTO words
    FROM posts_post brought
    JOIN posts_post original ON original.id = coalesce(brought.repost_of_id, brought.id)
    JOIN posts_post said ON said.id IN (
        original.id, CASE original.quote_state WHEN 'shown' THEN original.quote_of_id END
    )
    WHERE brought.id = shown AND (said.id = original.id OR said.visibility IN ('public', 'unlisted'));
    RETURN posts_normalize_for_filters(words) ~ pattern COLLATE pg_unicode_fast;
END $function$;
