-- Deletes the notification of a failed scheduled post when the failure is resolved.
CREATE OR REPLACE FUNCTION notification_delete_failure()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    DELETE FROM timeline_notification WHERE draft_id = OLD.id;
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER delete_notification
    AFTER UPDATE OF failure ON posts_draft
    FOR EACH ROW
    WHEN (OLD.failure <> '' AND NEW.failure = '')
    EXECUTE FUNCTION notification_delete_failure();
