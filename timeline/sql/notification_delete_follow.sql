-- Deletes the notification of a follow, or of a request, that was withdrawn.
CREATE OR REPLACE FUNCTION notification_delete_follow()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    DELETE FROM timeline_notification
    WHERE recipient_id = OLD.followed_id AND kind = TG_ARGV[0] AND post_id IS NULL AND actor_id = OLD.follower_id;
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER delete_notification
    AFTER DELETE ON accounts_follow
    FOR EACH ROW EXECUTE FUNCTION notification_delete_follow('follow');

CREATE OR REPLACE TRIGGER delete_notification
    AFTER DELETE ON accounts_followrequest
    FOR EACH ROW EXECUTE FUNCTION notification_delete_follow('follow_request');
