-- Returns the query for a phrase. Scripts without spaces match by pairs of characters, as
-- `search_tsvector` indexes them; `is_beginning` lets the last word be unfinished.
CREATE OR REPLACE FUNCTION search_tsquery(words text, is_beginning boolean)
 RETURNS tsquery
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path FROM CURRENT
AS $function$
    WITH placed AS (
        SELECT lexeme, place, lag(lexeme) OVER (ORDER BY place) AS before
        FROM unnest(search_tsvector(words)), unnest(positions) AS place
    ), wanted AS (
        SELECT lexeme, place, lexeme ~ '^[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U0001f000-\U0001faff\U00020000-\U0003ffff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\u3100-\u312f\ua980-\ua9df\ua9e0-\ua9ff\uaa60-\uaadf]' AS unspaced FROM placed
        WHERE before IS NULL OR length(lexeme) > 1 OR lexeme !~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U0001f000-\U0001faff\U00020000-\U0003ffff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\u3100-\u312f\ua980-\ua9df\ua9e0-\ua9ff\uaa60-\uaadf]'
            OR length(before) <> 2 OR right(before, 1) <> lexeme OR before !~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U0001f000-\U0001faff\U00020000-\U0003ffff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\u3100-\u312f\ua980-\ua9df\ua9e0-\ua9ff\uaa60-\uaadf]'
    )
    SELECT string_agg(
        coalesce('<' || nullif(place - earlier, 0) || '>', '') || '''' || lexeme || ''''
            || CASE WHEN unspaced AND length(lexeme) = 1 OR is_beginning AND later IS NULL AND NOT unspaced THEN ':*' ELSE '' END,
        ' ' ORDER BY place
    )::tsquery
    FROM (
        SELECT *, lag(place) OVER (ORDER BY place) AS earlier, lead(place) OVER (ORDER BY place) AS later FROM wanted
    ) AS beside
$function$;
