from django.db import migrations

# One lock for all writers, held to the end of their transaction: what rolls back leaves no gap.
CREATE = """
CREATE FUNCTION consent_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION consent_give_position() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('consent_consentevent'));
    SELECT coalesce(max(position), -1) + 1 INTO NEW.position FROM consent_consentevent;
    RETURN NEW;
END $$;

CREATE TRIGGER give_position BEFORE INSERT ON consent_consentevent
    FOR EACH ROW EXECUTE FUNCTION consent_give_position();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON consent_consentevent
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON consent_consentevent
    FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON consent_notice
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON consent_notice
    FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse_change();
"""
DROP = """
DROP TRIGGER refuse_truncate ON consent_notice;
DROP TRIGGER refuse_change ON consent_notice;
DROP TRIGGER refuse_truncate ON consent_consentevent;
DROP TRIGGER refuse_change ON consent_consentevent;
DROP TRIGGER give_position ON consent_consentevent;
DROP FUNCTION consent_give_position();
DROP FUNCTION consent_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
