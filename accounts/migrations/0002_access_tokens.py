import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.models

# The table comes over from `dataset_export` with all that is in it.
RENAME = "ALTER TABLE dataset_export_accesstoken RENAME TO accounts_accesstoken"
RENAME_BACK = "ALTER TABLE accounts_accesstoken RENAME TO dataset_export_accesstoken"


def rename_content_type(apps, schema_editor):
    """Take the permissions and the admin's history over too."""
    move_content_type(apps, "dataset_export", "accounts")


def rename_content_type_back(apps, schema_editor):
    move_content_type(apps, "accounts", "dataset_export")


def move_content_type(apps, old, new):
    apps.get_model("contenttypes", "ContentType").objects.filter(
        app_label=old, model="accesstoken"
    ).update(app_label=new)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("dataset_export", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(RENAME, RENAME_BACK)],
            state_operations=[
                migrations.CreateModel(
                    name="AccessToken",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=60)),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                        ("last_used_at", models.DateTimeField(null=True)),
                        ("revoked_at", models.DateTimeField(null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="access_tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
            ],
        ),
        migrations.RunPython(rename_content_type, rename_content_type_back),
        migrations.AddField(
            model_name="accesstoken",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("datasets:read", "Download data sets"),
                        ("consent", "Read and change what you share for training"),
                    ],
                    max_length=20,
                ),
                default=accounts.models.default_scopes,
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="accesstoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("scopes__len__gte", 1)), name="token_has_a_scope"
            ),
        ),
        migrations.AddConstraint(
            model_name="accesstoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("scopes__contained_by", ["datasets:read", "consent"])),
                name="token_scopes_known",
            ),
        ),
    ]
