CREATE OR REPLACE FUNCTION common_enqueue_file_deletion()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO common_pendingfiledeletion (name)
            SELECT name FROM (VALUES (OLD.folder), (OLD.source)) AS files (name) WHERE name <> '';
    ELSIF NEW.folder <> OLD.folder THEN
        INSERT INTO common_pendingfiledeletion (name) VALUES (OLD.folder);
    END IF;
    RETURN NULL;
END $function$;
