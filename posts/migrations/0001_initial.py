import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import common.images.models
import common.snowflake
import posts.models.keyword_filter
from common.sql_files import run_sql_file


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("common", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hashtag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("label", models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="Post",
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
                ("text", models.TextField()),
                ("html", models.TextField(editable=False)),
                ("language", models.CharField(blank=True, max_length=16)),
                ("is_language_guessed", models.BooleanField(db_default=False, default=False)),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("unlisted", "Unlisted"),
                            ("followers", "Followers only"),
                            ("direct", "Direct"),
                        ],
                        default="public",
                        max_length=10,
                    ),
                ),
                (
                    "authorship",
                    models.CharField(
                        choices=[
                            ("human", "Me"),
                            ("assisted", "With AI help"),
                            ("automated", "Automated"),
                        ],
                        default="human",
                        max_length=10,
                    ),
                ),
                (
                    "quote_state",
                    models.CharField(
                        blank=True,
                        choices=[("", "None"), ("shown", "Shown"), ("detached", "Detached")],
                        db_default="",
                        default="",
                        max_length=10,
                    ),
                ),
                ("thread_id", models.BigIntegerField(blank=True, null=True)),
                ("surviving_ancestor_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "created_at",
                    models.GeneratedField(
                        db_persist=True,
                        expression=common.snowflake.SnowflakeTimestamp("id"),
                        output_field=models.DateTimeField(),
                    ),
                ),
                (
                    "warning",
                    models.CharField(blank=True, db_default="", default="", max_length=200),
                ),
                ("is_sensitive", models.BooleanField(db_default=False, default=False)),
                (
                    "reply_policy",
                    models.CharField(
                        choices=[
                            ("everyone", "Everyone"),
                            ("followers", "Followers"),
                            ("mentioned", "People you mention"),
                        ],
                        db_default="everyone",
                        default="everyone",
                        max_length=10,
                    ),
                ),
                (
                    "quote_policy",
                    models.CharField(
                        choices=[
                            ("everyone", "Everyone"),
                            ("followers", "Followers"),
                            ("nobody", "Nobody"),
                        ],
                        db_default="everyone",
                        default="everyone",
                        max_length=10,
                    ),
                ),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("pinned_at", models.DateTimeField(blank=True, null=True)),
                ("is_hidden_reply", models.BooleanField(db_default=False, default=False)),
                ("has_media", models.BooleanField(db_default=False, default=False)),
                ("has_poll", models.BooleanField(db_default=False, default=False)),
                ("has_link", models.BooleanField(db_default=False, default=False)),
                ("imported_at", models.DateTimeField(blank=True, null=True)),
                ("publish_key", models.UUIDField(blank=True, null=True)),
                ("like_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("reply_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("repost_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("quote_count", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Retraction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("post_id", models.BigIntegerField(db_index=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("deleted", "Deleted"),
                            ("not_public", "Not Public"),
                            ("not_human", "Not Human"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
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
                        default=common.images.models.new_storage_key,
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
        migrations.CreateModel(
            name="Poll",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="posts.post",
                    ),
                ),
                (
                    "options",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50), size=None
                    ),
                ),
                (
                    "counts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), size=None
                    ),
                ),
                ("voter_count", models.PositiveIntegerField(db_default=0, default=0)),
                ("is_multiple", models.BooleanField(default=False)),
                ("hides_results", models.BooleanField(default=False)),
                ("ends_at", models.DateTimeField()),
                ("notified_at", models.DateTimeField(null=True)),
            ],
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
        migrations.AddField(
            model_name="post",
            name="quote_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="quotes",
                to="posts.post",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="reply_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="replies",
                to="posts.post",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="repost_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reposts",
                to="posts.post",
            ),
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentions",
                        to="posts.post",
                    ),
                ),
            ],
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
                        default=common.images.models.new_storage_key,
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
        ),
        migrations.CreateModel(
            name="Like",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="likes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="likes",
                        to="posts.post",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField()),
                ("fields", models.JSONField(default=dict)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("publish_at", models.DateTimeField(null=True)),
                ("posts", models.JSONField(default=list)),
                ("notices", models.JSONField(default=dict)),
                ("failure", models.CharField(blank=True, max_length=200)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "quote_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="posts.post",
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="posts.post",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Bookmark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bookmarks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bookmarks",
                        to="posts.post",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PostHashtag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="taggings",
                        to="posts.post",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="taggings",
                        to="posts.hashtag",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PostVersion",
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
                ("text", models.TextField()),
                ("html", models.TextField()),
                ("warning", models.CharField(blank=True, max_length=200)),
                ("is_sensitive", models.BooleanField(default=False)),
                ("language", models.CharField(blank=True, max_length=16)),
                ("is_language_guessed", models.BooleanField(db_default=False, default=False)),
                (
                    "pictures",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), db_default=[], default=list, size=None
                    ),
                ),
                (
                    "poll_options",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), db_default=[], default=list, size=None
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="posts.post",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HashtagFollow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followers",
                        to="posts.hashtag",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tag_follows",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-id"], name="tag_follow_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "tag"), name="tag_follow_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="KeywordFilter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("phrase", models.CharField(max_length=100, verbose_name="Word or phrase")),
                (
                    "is_whole_word",
                    models.BooleanField(default=True, verbose_name="Only as whole words"),
                ),
                ("pattern", models.TextField(editable=False)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("hide", "Hide completely"),
                            ("warn", "Hide behind a warning"),
                        ],
                        default="hide",
                        max_length=4,
                        verbose_name="What to do",
                    ),
                ),
                (
                    "places",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("home", "Home and lists"),
                                ("notifications", "Notifications"),
                                ("public", "Public posts, tags, Explore and search"),
                                ("threads", "Threads"),
                                ("profiles", "Profiles"),
                            ],
                            max_length=13,
                        ),
                        default=posts.models.keyword_filter.default_filter_scopes,
                        size=None,
                    ),
                ),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="keyword_filters",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-id"], name="filter_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "phrase"), name="filter_phrase_once"),
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ["hide", "warn"])),
                        name="filter_action_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "places__contained_by",
                                ["home", "notifications", "public", "threads", "profiles"],
                            ),
                            ("places__len__gt", 0),
                        ),
                        name="filter_places_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("phrase", ""), _negated=True),
                        name="filter_has_a_phrase",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PollVote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), size=None
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="poll_votes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "poll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="poll_votes",
                        to="posts.poll",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="poll",
            index=models.Index(
                condition=models.Q(("notified_at__isnull", True)),
                fields=["ends_at"],
                name="poll_to_tell",
            ),
        ),
        migrations.AddConstraint(
            model_name="poll",
            constraint=models.CheckConstraint(
                condition=models.Q(("options__len__gte", 2), ("options__len__lte", 4)),
                name="poll_has_options",
            ),
        ),
        migrations.AddConstraint(
            model_name="poll",
            constraint=models.CheckConstraint(
                condition=models.Q(("counts__len", models.F("options__len"))),
                name="poll_counts_each_option",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["author", "-id"], name="post_newest_of_author"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["reply_to", "-id"], name="post_newest_replies"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(
                    ("reply_to__isnull", True),
                    ("repost_of__isnull", True),
                    ("visibility", "public"),
                ),
                fields=["-id"],
                name="post_newest_public",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("thread_id__isnull", False)),
                fields=["thread_id", "id"],
                name="post_of_thread",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("surviving_ancestor_id__isnull", False)),
                fields=["surviving_ancestor_id", "id"],
                name="post_below_gap",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("quote_of__isnull", False)),
                fields=["quote_of", "-id"],
                name="post_newest_quotes",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("repost_of__isnull", False)),
                fields=["repost_of", "-id"],
                name="post_newest_reposts",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("has_media", True)),
                fields=["author", "-id"],
                name="post_newest_media",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("pinned_at__isnull", False)),
                fields=["author", "-pinned_at"],
                name="post_pinned",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                condition=models.Q(("publish_key__isnull", False)),
                fields=("author", "publish_key"),
                name="post_published_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                condition=models.Q(("repost_of__isnull", False)),
                fields=("author", "repost_of"),
                name="repost_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("repost_of__isnull", True),
                    models.Q(
                        ("quote_of__isnull", True),
                        ("reply_to__isnull", True),
                        ("text", ""),
                        ("thread_id__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="repost_has_no_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quote_of__isnull", True),
                    ("quote_state__in", ["shown", "detached"]),
                    _connector="OR",
                ),
                name="quote_has_a_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("visibility__in", ["public", "unlisted", "followers", "direct"])
                ),
                name="post_visibility_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("authorship__in", ["human", "assisted", "automated"])),
                name="post_authorship_known",
            ),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(fields=["user", "-post"], name="mention_newest"),
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(fields=("post", "user"), name="mention_once"),
        ),
        migrations.AddIndex(
            model_name="media",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["id"], name="media_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="media",
            index=models.Index(
                condition=models.Q(("post__isnull", True)),
                fields=["created_at"],
                name="media_unused",
            ),
        ),
        migrations.AddConstraint(
            model_name="media",
            constraint=models.UniqueConstraint(
                condition=models.Q(("post__isnull", False)),
                fields=("post", "position"),
                name="media_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="media",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__lt", 4)), name="media_position_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="media",
            constraint=models.CheckConstraint(
                condition=models.Q(("focus_x__range", (-1, 1)), ("focus_y__range", (-1, 1))),
                name="media_focus_within",
            ),
        ),
        migrations.AddIndex(
            model_name="like",
            index=models.Index(fields=["user", "-id"], name="like_newest"),
        ),
        migrations.AddIndex(
            model_name="like",
            index=models.Index(fields=["post", "-id"], name="like_newest_of_post"),
        ),
        migrations.AddConstraint(
            model_name="like",
            constraint=models.UniqueConstraint(fields=("user", "post"), name="like_once"),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(fields=["author", "-id"], name="draft_newest"),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(
                condition=models.Q(("failure", ""), ("publish_at__isnull", False)),
                fields=["publish_at"],
                name="draft_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(fields=("author", "key"), name="draft_kept_once"),
        ),
        migrations.AddIndex(
            model_name="bookmark",
            index=models.Index(fields=["user", "-id"], name="bookmark_newest"),
        ),
        migrations.AddConstraint(
            model_name="bookmark",
            constraint=models.UniqueConstraint(fields=("user", "post"), name="bookmark_once"),
        ),
        migrations.AddIndex(
            model_name="posthashtag",
            index=models.Index(fields=["tag", "-post"], name="tagging_newest"),
        ),
        migrations.AddConstraint(
            model_name="posthashtag",
            constraint=models.UniqueConstraint(fields=("post", "tag"), name="tagging_once"),
        ),
        migrations.AddIndex(
            model_name="postversion",
            index=models.Index(fields=["post", "id"], name="post_version_in_order"),
        ),
        migrations.AddConstraint(
            model_name="pollvote",
            constraint=models.UniqueConstraint(fields=("poll", "user"), name="vote_once"),
        ),
        migrations.AddConstraint(
            model_name="pollvote",
            constraint=models.CheckConstraint(
                condition=models.Q(("choices__len__gte", 1), ("choices__len__lte", 4)),
                name="vote_has_choices",
            ),
        ),
        run_sql_file("posts", "delete_image_files"),
        run_sql_file("posts", "posts_apply_count_changes"),
        run_sql_file("posts", "posts_apply_vote_changes"),
        run_sql_file("posts", "posts_count_posts_on_status_change"),
        run_sql_file("posts", "posts_count_votes_on_status_change"),
        run_sql_file("posts", "posts_inherit_ancestor"),
        run_sql_file("posts", "posts_is_active_user"),
        run_sql_file("posts", "posts_count_likes_on_delete"),
        run_sql_file("posts", "posts_count_likes_on_insert"),
        run_sql_file("posts", "posts_count_posts_on_delete"),
        run_sql_file("posts", "posts_count_posts_on_insert"),
        run_sql_file("posts", "posts_count_posts_on_update"),
        run_sql_file("posts", "posts_count_votes_on_delete"),
        run_sql_file("posts", "posts_count_votes_on_insert"),
        run_sql_file("posts", "posts_lock_user_for_counts"),
        run_sql_file("posts", "posts_normalize_for_filters"),
        run_sql_file("posts", "posts_matches_filter"),
        run_sql_file("posts", "posts_record_retraction"),
        run_sql_file("posts", "posts_remember_ancestor"),
        run_sql_file("posts", "posts_sever_on_block"),
    ]
