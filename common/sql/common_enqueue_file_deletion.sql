-- Queues the stored files of an image row for deletion in the same transaction; a task deletes
-- them after the commit. A replaced folder is queued too.
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
