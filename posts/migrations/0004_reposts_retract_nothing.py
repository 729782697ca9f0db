from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION posts_note_retraction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.visibility <> 'public' OR OLD.authorship <> 'human'{no_repost} THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'DELETE' THEN
        INSERT INTO posts_retraction (post_id, reason, at) VALUES (OLD.id, 'deleted', clock_timestamp());
    ELSIF NEW.visibility <> 'public' THEN
        INSERT INTO posts_retraction (post_id, reason, at) VALUES (OLD.id, 'not_public', clock_timestamp());
    ELSIF NEW.authorship <> 'human' THEN
        INSERT INTO posts_retraction (post_id, reason, at) VALUES (OLD.id, 'not_human', clock_timestamp());
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    """A repost was never in a data set, so that taking it back is no news for one."""

    dependencies = [("posts", "0003_conversation_reposts_and_references")]
    operations = [
        migrations.RunSQL(
            FUNCTION.format(no_repost=" OR OLD.repost_of_id IS NOT NULL"),
            FUNCTION.format(no_repost=""),
        )
    ]
