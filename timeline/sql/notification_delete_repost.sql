-- Deletes the notifications of a deleted repost: that it happened, and of edits of the reposted
-- post.
CREATE OR REPLACE FUNCTION notification_delete_repost()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    DELETE FROM timeline_notification
    WHERE post_id = OLD.repost_of_id AND kind IN ('repost', 'edit')
        AND (kind = 'repost' AND actor_id = OLD.author_id OR kind = 'edit' AND recipient_id = OLD.author_id);
    RETURN NULL;
END $function$;

CREATE OR REPLACE TRIGGER delete_notification
    AFTER DELETE ON posts_post
    FOR EACH ROW
    WHEN (OLD.repost_of_id IS NOT NULL)
    EXECUTE FUNCTION notification_delete_repost();
