from django.db import migrations

# Whichever road a like, a follow, a request or a repost goes, what it told somebody goes with it.
CREATE = """
CREATE FUNCTION timeline_forget_like() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM timeline_notification WHERE post_id = OLD.post_id AND kind = 'like' AND actor_id = OLD.user_id;
    RETURN NULL;
END $$;
CREATE TRIGGER forget_notification AFTER DELETE ON posts_like
    FOR EACH ROW EXECUTE FUNCTION timeline_forget_like();

CREATE FUNCTION timeline_forget_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM timeline_notification
    WHERE recipient_id = OLD.followed_id AND kind = TG_ARGV[0] AND post_id IS NULL AND actor_id = OLD.follower_id;
    RETURN NULL;
END $$;
CREATE TRIGGER forget_notification AFTER DELETE ON accounts_follow
    FOR EACH ROW EXECUTE FUNCTION timeline_forget_follow('follow');
CREATE TRIGGER forget_notification AFTER DELETE ON accounts_followrequest
    FOR EACH ROW EXECUTE FUNCTION timeline_forget_follow('follow_request');

CREATE FUNCTION timeline_forget_repost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM timeline_notification
    WHERE post_id = OLD.repost_of_id AND kind IN ('repost', 'edit')
        AND (kind = 'repost' AND actor_id = OLD.author_id OR kind = 'edit' AND recipient_id = OLD.author_id);
    RETURN NULL;
END $$;
CREATE TRIGGER forget_notification AFTER DELETE ON posts_post
    FOR EACH ROW WHEN (OLD.repost_of_id IS NOT NULL) EXECUTE FUNCTION timeline_forget_repost();
"""
DROP = """
DROP TRIGGER forget_notification ON posts_post;
DROP TRIGGER forget_notification ON accounts_followrequest;
DROP TRIGGER forget_notification ON accounts_follow;
DROP TRIGGER forget_notification ON posts_like;
DROP FUNCTION timeline_forget_repost();
DROP FUNCTION timeline_forget_follow();
DROP FUNCTION timeline_forget_like();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("timeline", "0001_notifications"),
        ("accounts", "0003_relations"),
        ("posts", "0003_conversation_reposts_and_references"),
    ]
    operations = [migrations.RunSQL(CREATE, DROP)]
