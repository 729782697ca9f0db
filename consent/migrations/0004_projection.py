from django.db import migrations

CREATE = """
CREATE FUNCTION consent_keep_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO consent_consentstate (subject, purpose, post_id, event_id)
    VALUES (NEW.subject, NEW.purpose, NEW.post_id, NEW.position)
    ON CONFLICT (subject, purpose, post_id) DO UPDATE SET event_id = EXCLUDED.event_id;
    RETURN NULL;
END $$;

INSERT INTO consent_consentstate (subject, purpose, post_id, event_id)
SELECT DISTINCT ON (subject, purpose, post_id) subject, purpose, post_id, position
FROM consent_consentevent ORDER BY subject, purpose, post_id, position DESC;

-- For a person's own history, newest first.
CREATE INDEX consent_event_of_subject ON consent_consentevent (subject, position DESC);

CREATE TRIGGER keep_state AFTER INSERT ON consent_consentevent
    FOR EACH ROW EXECUTE FUNCTION consent_keep_state();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON consent_checkpoint
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON consent_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON consent_logkey
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON consent_logkey
    FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON consent_lognode
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON consent_lognode
    FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse_change();
"""
DROP = """
DROP TRIGGER refuse_truncate ON consent_lognode;
DROP TRIGGER refuse_change ON consent_lognode;
DROP TRIGGER refuse_truncate ON consent_logkey;
DROP TRIGGER refuse_change ON consent_logkey;
DROP TRIGGER refuse_truncate ON consent_checkpoint;
DROP TRIGGER refuse_change ON consent_checkpoint;
DROP TRIGGER keep_state ON consent_consentevent;
DROP INDEX consent_event_of_subject;
DROP FUNCTION consent_keep_state();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_proof")]
    operations = [migrations.RunSQL(CREATE, DROP)]
