import django.db.models.functions.datetime
from django.db import migrations, models

import common.snowflake
from common.sql_files import run_sql_file


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        run_sql_file("common", "common_fold_text"),
        run_sql_file("common", "common_next_snowflake_id"),
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("message", models.JSONField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "due_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), db_index=True
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.CreateModel(
            name="PendingFileDeletion",
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
        migrations.CreateModel(
            name="Deployment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "environment",
                    models.CharField(
                        choices=[("development", "Development"), ("production", "Production")],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="deployment_is_one_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        db_default=common.snowflake.NextSnowflakeId(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("published", "Published"),
                            ("edited", "Edited"),
                            ("liked", "Liked"),
                            ("followed", "Followed"),
                            ("follow_requested", "Follow Requested"),
                            ("poll_ended", "Poll Ended"),
                            ("not_published", "Not Published"),
                        ],
                        max_length=20,
                    ),
                ),
                ("actor_id", models.BigIntegerField()),
                ("post_id", models.BigIntegerField(null=True)),
                ("person_id", models.BigIntegerField(null=True)),
                ("draft_id", models.BigIntegerField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("topic", "published")),
                        fields=["actor_id", "-post_id"],
                        name="news_published",
                    )
                ],
            },
        ),
        run_sql_file("common", "common_enqueue_file_deletion"),
    ]
