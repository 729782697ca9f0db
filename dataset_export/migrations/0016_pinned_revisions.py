from django.db import migrations, models

# What is there belongs to the newest state of its snapshot.
OF_THE_NEWEST = """
UPDATE dataset_export_document document
SET revision = (SELECT max(number) FROM dataset_export_revision WHERE snapshot_id = document.snapshot_id);
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("dataset_export", "0015_version_watermark")]

    operations = [
        migrations.AddField(
            "document", "revision", models.PositiveIntegerField(default=0, db_default=0)
        ),
        migrations.RunSQL(OF_THE_NEWEST, migrations.RunSQL.noop),
        migrations.RemoveConstraint("document", "document_path_once"),
        migrations.AddConstraint(
            "document",
            models.UniqueConstraint(
                fields=["snapshot", "revision", "path"], name="document_path_once"
            ),
        ),
        migrations.AddField("rewrite", "summary", models.JSONField(default=dict)),
    ]
