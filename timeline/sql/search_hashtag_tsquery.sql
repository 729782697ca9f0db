-- Returns the query for one exact hashtag, `#` included.
CREATE OR REPLACE FUNCTION search_hashtag_tsquery(tag text)
 RETURNS tsquery
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path FROM CURRENT
AS $function$ SELECT ('''' || replace(left(search_normalize(tag), 101), '''', '''''') || '''')::tsquery $function$;
