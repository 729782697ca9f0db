-- Deletes the notification of a like that was withdrawn.
CREATE OR REPLACE FUNCTION notification_delete_like()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    DELETE FROM timeline_notification WHERE post_id = OLD.post_id AND kind = 'like' AND actor_id = OLD.user_id;
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER delete_notification
    AFTER DELETE ON posts_like
    FOR EACH ROW EXECUTE FUNCTION notification_delete_like();
