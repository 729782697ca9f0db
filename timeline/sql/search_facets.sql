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
