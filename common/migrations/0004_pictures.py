from django.db import migrations, models

CREATE = """
CREATE FUNCTION common_discard_picture() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO common_discardedfile (name)
            SELECT name FROM (VALUES (OLD.folder), (OLD.source)) AS files (name) WHERE name <> '';
    ELSIF NEW.folder <> OLD.folder THEN
        INSERT INTO common_discardedfile (name) VALUES (OLD.folder);
    END IF;
    RETURN NULL;
END $$;
"""
DROP = "DROP FUNCTION common_discard_picture();"


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0003_news"),
    ]

    operations = [
        migrations.CreateModel(
            name="DiscardedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
            ],
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
