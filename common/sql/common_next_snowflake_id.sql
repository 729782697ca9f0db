-- Returns a new snowflake id: milliseconds since 1970 << 16 | sequence. Ids sort by time and are
-- unique across processes; `common.snowflake` reads the time back.
CREATE SEQUENCE IF NOT EXISTS common_id_sequence;

CREATE OR REPLACE FUNCTION common_next_snowflake_id()
 RETURNS bigint
 LANGUAGE sql
AS $function$
    SELECT (floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint << 16)
         | (nextval('common_id_sequence') & 65535)
$function$;
