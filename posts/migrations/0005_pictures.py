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
        ("posts", "0004_reposts_retract_nothing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LinkPreview",
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
                ("url", models.CharField(max_length=2000, unique=True)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("description", models.CharField(blank=True, max_length=400)),
                ("site_name", models.CharField(blank=True, max_length=100)),
                ("author_name", models.CharField(blank=True, max_length=100)),
                ("image_alt", models.CharField(blank=True, max_length=400)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["id"],
                        name="link_preview_waiting",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="post",
            name="link_preview",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="posts",
                to="posts.linkpreview",
            ),
        ),
        migrations.CreateModel(
            name="Media",
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
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("alt", models.CharField(blank=True, max_length=1500)),
                ("focus_x", models.FloatField(default=0)),
                ("focus_y", models.FloatField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="media",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="media",
                        to="posts.post",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["id"],
                        name="media_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("post__isnull", True)),
                        fields=["created_at"],
                        name="media_unused",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("post__isnull", False)),
                        fields=("post", "position"),
                        name="media_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__lt", 4)), name="media_position_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("focus_x__range", (-1, 1)), ("focus_y__range", (-1, 1))
                        ),
                        name="media_focus_within",
                    ),
                ],
            },
        ),
        migrations.RunSQL(CREATE.format(table="posts_media"), DROP.format(table="posts_media")),
        migrations.RunSQL(
            CREATE.format(table="posts_linkpreview"), DROP.format(table="posts_linkpreview")
        ),
    ]
