import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0003_relations"),
        ("posts", "0004_reposts_retract_nothing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NotificationMarker",
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
            name="RefusedKind",
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
                            ("mention", "Somebody mentions you"),
                            ("reply", "Somebody answers you"),
                            ("quote", "Somebody quotes you"),
                            ("repost", "Somebody reposts your post"),
                            ("like", "Somebody likes your post"),
                            ("follow", "Somebody follows you"),
                            ("follow_request", "Somebody asks to follow you"),
                            ("poll", "A poll ends in which you voted, or that you began"),
                            ("edit", "A post is edited that you reposted or quoted"),
                            ("staff", "Those who run this place write to you"),
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
                        db_default=common.ids.NextId(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("mention", "Somebody mentions you"),
                            ("reply", "Somebody answers you"),
                            ("quote", "Somebody quotes you"),
                            ("repost", "Somebody reposts your post"),
                            ("like", "Somebody likes your post"),
                            ("follow", "Somebody follows you"),
                            ("follow_request", "Somebody asks to follow you"),
                            ("poll", "A poll ends in which you voted, or that you began"),
                            ("edit", "A post is edited that you reposted or quoted"),
                            ("staff", "Those who run this place write to you"),
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
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("recipient", "kind", "post", "actor", "message"),
                        name="notify_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
