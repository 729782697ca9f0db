import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dataset_export", "0012_notifications")]
    operations = [
        migrations.CreateModel(
            name="ReviewFigures",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("manifest_sha256", models.CharField(max_length=64)),
                ("previous_sha256", models.CharField(blank=True, max_length=64)),
                ("data", models.JSONField()),
                ("counted_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "snapshot",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_figures",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
    ]
