-- Returns the terms of a text with their positions. Scripts without spaces (Thai, Khmer, Chinese,
-- Japanese ...) and emoji are indexed as overlapping pairs of characters.
CREATE OR REPLACE FUNCTION search_tsvector(words text)
 RETURNS tsvector
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path FROM CURRENT
AS $function$
DECLARE
    folded text := search_normalize(words);
    part text;
    place integer := 0;
    found text := '';
BEGIN
    IF octet_length(folded) = length(folded) OR folded !~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U0001f000-\U0001faff\U00020000-\U0003ffff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\u3100-\u312f\ua980-\ua9df\ua9e0-\ua9ff\uaa60-\uaadf]' THEN
        RETURN coalesce((
            SELECT string_agg(left(word, 100) || ':' || least(number, 16383), ' ')
            FROM regexp_split_to_table(folded, '[[:space:][:punct:][:cntrl:]$+<=>^`|~]+' COLLATE pg_unicode_fast) WITH ORDINALITY AS words (word, number)
            WHERE word <> ''
        ), '')::tsvector;
    END IF;
    FOREACH part IN ARRAY regexp_split_to_array(
        regexp_replace(regexp_replace(folded, '[[:space:][:punct:][:cntrl:]$+<=>^`|~]+' COLLATE pg_unicode_fast, ' ', 'g'), '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U0001f000-\U0001faff\U00020000-\U0003ffff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\u3100-\u312f\ua980-\ua9df\ua9e0-\ua9ff\uaa60-\uaadf]+)', E' \x01\\1 ', 'g'),
        ' +'
    ) LOOP
        IF starts_with(part, E'\x01') THEN
            FOR start IN 2 .. length(part) LOOP
                place := place + 1;
                found := found || ' ' || substr(part, start, 2) || ':' || least(place, 16383);
            END LOOP;
        ELSIF part <> '' THEN
            place := place + 1;
            found := found || ' ' || left(part, 100) || ':' || least(place, 16383);
        END IF;
    END LOOP;
    RETURN found::tsvector;
END $function$;
