from django.db import migrations

# Shards are compressed already; stored as they are, a part is read without unpacking it.
APPLY = "ALTER TABLE dataset_export_shardpart ALTER COLUMN data SET STORAGE EXTERNAL"
UNDO = "ALTER TABLE dataset_export_shardpart ALTER COLUMN data SET STORAGE EXTENDED"


class Migration(migrations.Migration):
    dependencies = [("dataset_export", "0001_initial")]
    operations = [migrations.RunSQL(APPLY, UNDO)]
