import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.images.models

# However a row goes, its files go.
CREATE = """
CREATE TRIGGER discard_picture AFTER DELETE OR UPDATE OF folder ON {table}
    FOR EACH ROW EXECUTE FUNCTION common_discard_picture();
"""
DROP = "DROP TRIGGER discard_picture ON {table};"


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0004_pictures"),
        ("accounts", "0004_people_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="avatar",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=60
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="header",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=60
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="reminds_of_alt",
            field=models.BooleanField(
                db_default=True, default=True, verbose_name="Remind me to describe pictures"
            ),
        ),
        migrations.CreateModel(
            name="Portrait",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("ready", "Ready"), ("failed", "Failed")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("source", models.CharField(blank=True, max_length=60)),
                (
                    "folder",
                    models.CharField(
                        default=common.images.models.new_folder,
                        editable=False,
                        max_length=60,
                        unique=True,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("image", "Image"), ("animated", "Animated")],
                        default="image",
                        max_length=10,
                    ),
                ),
                ("width", models.PositiveIntegerField(default=0)),
                ("height", models.PositiveIntegerField(default=0)),
                (
                    "widths",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("placeholder", models.CharField(blank=True, max_length=400)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "place",
                    models.CharField(
                        choices=[("avatar", "Avatar"), ("header", "Header")], max_length=10
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="portraits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "place"], name="portrait_of_user"),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["id"],
                        name="portrait_waiting",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            CREATE.format(table="accounts_portrait"), DROP.format(table="accounts_portrait")
        ),
    ]
