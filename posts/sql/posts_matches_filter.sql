-- Tells whether what a post shows (its text, warning, poll, image descriptions, the quoted post)
-- matches a keyword filter's pattern.
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
        E'\x02', content.warning, content.text,
        CASE WHEN content.has_poll THEN
            (SELECT array_to_string(options, E'\x02') FROM posts_poll WHERE post_id = content.id)
        END,
        CASE WHEN content.has_media THEN
            (SELECT string_agg(alt, E'\x02') FROM posts_media WHERE post_id = content.id)
        END
    ), E'\x02') INTO words
    FROM posts_post shown_post
    JOIN posts_post original ON original.id = coalesce(shown_post.repost_of_id, shown_post.id)
    JOIN posts_post content ON content.id IN (
        original.id, CASE original.quote_state WHEN 'shown' THEN original.quote_of_id END
    )
    WHERE shown_post.id = shown AND (content.id = original.id OR content.visibility IN ('public', 'unlisted'));
    RETURN posts_normalize_for_filters(words) ~ pattern COLLATE pg_unicode_fast;
END $function$;
