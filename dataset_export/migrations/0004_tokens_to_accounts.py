from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("dataset_export", "0003_notice_version"),
        ("accounts", "0002_access_tokens"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name="AccessToken")]
        ),
    ]
