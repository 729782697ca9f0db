from django.db import migrations

CREATE = """
CREATE FUNCTION posts_note_retraction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.visibility <> 'public' OR OLD.authorship <> 'human' THEN
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

CREATE TRIGGER note_retraction AFTER DELETE OR UPDATE OF visibility, authorship ON posts_post
    FOR EACH ROW EXECUTE FUNCTION posts_note_retraction();
"""
DROP = "DROP TRIGGER note_retraction ON posts_post; DROP FUNCTION posts_note_retraction();"


class Migration(migrations.Migration):
    dependencies = [("posts", "0001_initial"), ("common", "0002_ids")]
    operations = [migrations.RunSQL(CREATE, DROP)]
