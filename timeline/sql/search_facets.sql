-- Returns facets as a tsvector of exact terms, with the hashtags and mentions that rendering found
-- in the HTML: one rule decides what they are, and user text is escaped there.
CREATE OR REPLACE FUNCTION search_facets(text, VARIADIC marks text[])
 RETURNS tsvector
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
 SET search_path FROM CURRENT
AS $function$
BEGIN
    IF $1 ~ '[#＃@＠]' THEN
        marks := marks || ARRAY(
            SELECT CASE
                WHEN hit[1] IN ('#', '＃') THEN '#' || left(search_normalize(hit[2]), 100) ELSE '@' || lower(hit[2])
            END
            FROM regexp_matches($1, '<bdi>(?:<a [^>]*>)?([#＃@＠])([^<]+)(?:</a>)?</bdi>', 'g') AS hit
        );
    END IF;
    RETURN array_to_tsvector(array_remove(marks, NULL));
END $function$;
