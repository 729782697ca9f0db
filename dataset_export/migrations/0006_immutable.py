from django.db import migrations, models

# What a snapshot was made from stays as it is, whatever road a change takes.
CREATE = """
CREATE FUNCTION dataset_export_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a snapshot rests on this row of %: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION dataset_export_keep_recipe() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM dataset_export_snapshot WHERE recipe_id = OLD.id AND started_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a snapshot was made by recipe % %: % refused', OLD.name, OLD.version, TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION dataset_export_keep_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM dataset_export_snapshot WHERE id = OLD.snapshot_id AND started_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a snapshot was made without the texts of this list: % refused', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER keep_recipe BEFORE DELETE OR UPDATE OF name, version, data ON dataset_export_recipe
    FOR EACH ROW EXECUTE FUNCTION dataset_export_keep_recipe();
CREATE TRIGGER keep_list BEFORE DELETE OR UPDATE ON dataset_export_snapshot_evaluation_lists
    FOR EACH ROW EXECUTE FUNCTION dataset_export_keep_list();
CREATE TRIGGER refuse_change BEFORE UPDATE OF name, source, sha256, texts, ngrams ON dataset_export_evaluationlist
    FOR EACH ROW EXECUTE FUNCTION dataset_export_refuse_change();
"""
DROP = """
DROP TRIGGER refuse_change ON dataset_export_evaluationlist;
DROP TRIGGER keep_list ON dataset_export_snapshot_evaluation_lists;
DROP TRIGGER keep_recipe ON dataset_export_recipe;
DROP FUNCTION dataset_export_keep_list();
DROP FUNCTION dataset_export_keep_recipe();
DROP FUNCTION dataset_export_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("dataset_export", "0005_pipeline")]
    operations = [
        migrations.AddField("buildrange", "failed_at", models.DateTimeField(null=True)),
        migrations.RunSQL(CREATE, DROP),
    ]
