import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

REASONS = [
    ("consent_withdrawn", "Consent withdrawn"),
    ("post_deleted", "Post deleted"),
    ("post_not_public", "Post no longer public"),
    ("post_not_human", "Post marked as made by a machine"),
    ("account_closed", "Account closed"),
    ("suspended", "Account suspended, may come back"),
    ("moderation", "Moderation"),
    ("exclusion", "Left out by a reviewer"),
]
ROW = ["snapshot", "configuration", "split", "shard_number", "row"]


class Migration(migrations.Migration):
    dependencies = [("dataset_export", "0016_pinned_revisions")]

    operations = [
        migrations.CreateModel(
            name="HeldRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("configuration", models.CharField(default="posts", max_length=20)),
                ("split", models.CharField(max_length=20)),
                ("shard_number", models.PositiveIntegerField()),
                ("row", models.PositiveIntegerField()),
                ("line", models.BinaryField()),
                ("salt", models.BinaryField(max_length=32)),
                ("held_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("returns_in", models.PositiveIntegerField(null=True)),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="held_rows",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=ROW, name="held_row_once")]},
        ),
        migrations.AddField("removal", "returned_in", models.PositiveIntegerField(null=True)),
        migrations.AlterField(
            "removal", "reason", models.CharField(choices=REASONS, max_length=20)
        ),
        migrations.RemoveConstraint("removal", "removal_of_row_once"),
        migrations.AddConstraint(
            "removal",
            models.UniqueConstraint(
                fields=ROW, condition=models.Q(returned_in__isnull=True), name="removal_of_row_once"
            ),
        ),
    ]
