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
    WHEN ((((old.failure)::text <> ''::text) AND ((new.failure)::text = ''::text))) EXECUTE FUNCTION notification_delete_failure();
