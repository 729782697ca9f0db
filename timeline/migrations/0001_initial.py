import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.snowflake
from common.sql_files import run_sql_file


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("common", "0001_initial"),
        ("accounts", "0001_initial"),
        ("posts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HomeReadMarker",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="home_marker",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("last_read_id", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="NotificationReadMarker",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notification_marker",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("last_read_id", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="SitemapPage",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("post_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("terms", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["terms"], gin_pending_list_limit=256, name="search_terms"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(max_length=2000)),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_messages",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HashtagDailyUsage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("posts", models.PositiveIntegerField()),
                ("people", models.PositiveIntegerField()),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="posts.hashtag",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tag", "day"), name="tag_day_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="MutedNotificationKind",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("mention", "Someone mentions you"),
                            ("reply", "Someone replies to you"),
                            ("quote", "Someone quotes you"),
                            ("repost", "Someone reposts your post"),
                            ("like", "Someone likes your post"),
                            ("follow", "Someone follows you"),
                            ("follow_request", "Someone asks to follow you"),
                            ("poll", "A poll you created or voted in ends"),
                            ("edit", "A post you reposted or quoted is edited"),
                            ("draft", "A scheduled post wasn’t published"),
                            ("staff", "The moderators write to you"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_kinds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "kind"), name="refuse_kind_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("mention", "Someone mentions you"),
                            ("reply", "Someone replies to you"),
                            ("quote", "Someone quotes you"),
                            ("repost", "Someone reposts your post"),
                            ("like", "Someone likes your post"),
                            ("follow", "Someone follows you"),
                            ("follow_request", "Someone asks to follow you"),
                            ("poll", "A poll you created or voted in ends"),
                            ("edit", "A post you reposted or quoted is edited"),
                            ("draft", "A scheduled post wasn’t published"),
                            ("staff", "The moderators write to you"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="posts.draft",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="posts.post",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="timeline.staffmessage",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["recipient", "-id"], name="notification_newest"),
                    models.Index(
                        condition=models.Q(("post__isnull", False)),
                        fields=["post", "kind", "actor"],
                        name="notification_of_post",
                    ),
                    models.Index(
                        condition=models.Q(("message__isnull", False)),
                        fields=["message"],
                        name="notification_of_message",
                    ),
                    models.Index(
                        condition=models.Q(("draft__isnull", False)),
                        fields=["draft"],
                        name="notification_of_draft",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("recipient", "kind", "post", "actor", "message", "draft"),
                        name="notify_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Trend",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("tag", "Tag"), ("post", "Post"), ("link", "Link")],
                        editable=False,
                        max_length=4,
                    ),
                ),
                ("url", models.CharField(blank=True, editable=False, max_length=2000)),
                ("score", models.PositiveBigIntegerField(default=0, editable=False)),
                ("people", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "found_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("allowed", "Allowed"),
                            ("refused", "Refused"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trend",
                        to="posts.post",
                    ),
                ),
                (
                    "tag",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trend",
                        to="posts.hashtag",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("score__gt", 0)),
                        fields=["kind", "-score"],
                        name="trend_greatest",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("url", ""), _negated=True),
                        fields=("url",),
                        name="trend_link_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "tag"),
                                ("post__isnull", True),
                                ("tag__isnull", False),
                                ("url", ""),
                            ),
                            models.Q(
                                ("kind", "post"),
                                ("post__isnull", False),
                                ("tag__isnull", True),
                                ("url", ""),
                            ),
                            models.Q(
                                models.Q(
                                    ("kind", "link"), ("post__isnull", True), ("tag__isnull", True)
                                ),
                                models.Q(("url", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="trend_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "pending"), ("decided_at__isnull", False), _connector="OR"
                        ),
                        name="trend_decided_at_a_time",
                    ),
                ],
            },
        ),
        run_sql_file("timeline", "home_candidates"),
        run_sql_file("timeline", "notification_delete_failure"),
        run_sql_file("timeline", "notification_delete_follow"),
        run_sql_file("timeline", "notification_delete_like"),
        run_sql_file("timeline", "notification_delete_repost"),
        run_sql_file("timeline", "search_normalize"),
        run_sql_file("timeline", "search_facets"),
        run_sql_file("timeline", "search_hashtag_tsquery"),
        run_sql_file("timeline", "search_tsvector"),
        run_sql_file("timeline", "search_attachments"),
        run_sql_file("timeline", "search_index_posts"),
        run_sql_file("timeline", "search_reindex_posts"),
        run_sql_file("timeline", "search_index_attachments"),
        run_sql_file("timeline", "search_reindex_post"),
        run_sql_file("timeline", "search_tsquery"),
        run_sql_file("timeline", "search_unindex_post"),
        run_sql_file("timeline", "search_users_index"),
    ]
