import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import dataset_export.models.notification
import dataset_export.models.snapshot
from common.sql_files import run_sql_file


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("consent", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RemovalAnnouncement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                ("is_withdrawal", models.BooleanField(default=False)),
                ("rows", models.PositiveIntegerField(null=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Shard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("configuration", models.CharField(default="posts", max_length=20)),
                ("split", models.CharField(max_length=20)),
                ("number", models.PositiveIntegerField()),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("parquet", "Parquet"),
                            ("jsonl", "Json Lines"),
                            ("proof", "Proof"),
                        ],
                        max_length=10,
                    ),
                ),
                ("path", models.CharField(max_length=120)),
                ("rows", models.PositiveIntegerField()),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("revision", models.PositiveIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.CreateModel(
            name="AccessTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(editable=False, unique=True)),
                (
                    "text",
                    models.TextField(
                        help_text="Plain words. {days} stands for the number of days below."
                    ),
                ),
                (
                    "removal_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        help_text="Within how many days removals have to be applied to every copy.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="days for removals",
                    ),
                ),
                (
                    "is_material",
                    models.BooleanField(
                        default=True,
                        help_text="Grants are paused until their holders agree to the new terms.",
                        verbose_name="material change",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "verbose_name": "terms of access",
                "verbose_name_plural": "terms of access",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("version__gt", 1), ("is_material", True), _connector="OR"
                        ),
                        name="first_terms_are_material",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("removal_days__range", (1, 90))),
                        name="terms_days_in_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("dataset", models.CharField(max_length=60, verbose_name="dataset")),
                ("organisation", models.CharField(blank=True, max_length=120)),
                ("organisation_url", models.URLField(blank=True, verbose_name="its web page")),
                ("purpose", models.TextField(max_length=2000)),
                ("agreed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Awaiting a decision"),
                            ("granted", "Granted"),
                            ("refused", "Refused"),
                            ("revoked", "Revoked"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("granted_until", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True, max_length=500)),
                ("notified_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="access_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="dataset_export.accessterms",
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("decide_access", "Can grant, refuse and revoke access to datasets")
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor", models.CharField(blank=True, max_length=30)),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("snapshot_made", "Snapshot created"),
                            ("build_started", "Build started"),
                            ("build_paused", "Build paused"),
                            ("build_resumed", "Build resumed"),
                            ("build_cancelled", "Build cancelled"),
                            ("snapshot_approved", "Snapshot approved"),
                            ("snapshot_rejected", "Snapshot rejected"),
                            ("snapshot_withdrawn", "Snapshot unpublished"),
                            ("row_excluded", "Row or author excluded"),
                            ("recipe_made", "Recipe created"),
                            ("list_uploaded", "List uploaded"),
                            ("access_granted", "Access granted"),
                            ("access_refused", "Access refused"),
                            ("access_revoked", "Access revoked"),
                            ("holder_reminded", "Reminder of removals sent"),
                            ("terms_made", "Terms published"),
                            ("terms_agreed", "New terms accepted"),
                        ],
                        max_length=20,
                    ),
                ),
                ("object_type", models.CharField(max_length=40, verbose_name="type")),
                ("object_id", models.CharField(max_length=40, verbose_name="id")),
                ("object_label", models.CharField(max_length=200, verbose_name="object")),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "indexes": [
                    models.Index(fields=["object_type", "object_id", "-id"], name="audit_of_object")
                ],
            },
        ),
        migrations.CreateModel(
            name="EvaluationList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="With its version, such as gsm8k-test-1.1. Recipes and manifests name it so.",
                        max_length=60,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9][a-z0-9.-]*\\Z", "Use a to z, digits, dots and hyphens."
                            )
                        ],
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="Where the texts are from.", max_length=300
                    ),
                ),
                ("sha256", models.CharField(editable=False, max_length=64)),
                ("texts", models.PositiveIntegerField(editable=False)),
                ("ngrams", models.BinaryField()),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(db_index=True, max_length=60)),
                ("post_id", models.BigIntegerField(null=True)),
                ("subject", models.UUIDField(null=True)),
                ("reason", models.TextField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
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
            name="Recipe",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=60,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9-]+\\Z", "Use a to z, digits and hyphens."
                            )
                        ],
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "data",
                    models.JSONField(
                        help_text="The steps from top to bottom, and the size of shards."
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("name", "version"), name="recipe_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="RemovalNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="to be applied by")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="told")),
                ("reminded_at", models.DateTimeField(null=True, verbose_name="reminded")),
                (
                    "access",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="dataset_export.accessrequest",
                    ),
                ),
                (
                    "announcement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="dataset_export.removalannouncement",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice of removals",
                "verbose_name_plural": "notices of removals",
            },
        ),
        migrations.CreateModel(
            name="ShardChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField(db_default=0, default=0)),
                ("number", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "shard",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="dataset_export.shard",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ShardRewrite",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                ("rows", models.PositiveIntegerField()),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("summary", models.JSONField(default=dict)),
                (
                    "shard",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rewrite",
                        to="dataset_export.shard",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="Used in the URL. Reusing a name creates a new version.",
                        max_length=60,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9][a-z0-9-]*\\Z", "Use a to z, digits and hyphens."
                            )
                        ],
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("pretraining", "Pretraining"),
                            ("fine_tuning", "Fine-tuning"),
                            ("evaluation", "Evaluation"),
                            ("open_release", "Open release"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("building", "Building"),
                            ("paused", "Paused"),
                            ("in_review", "In review"),
                            ("published", "Published"),
                            ("superseded", "Superseded"),
                            ("withdrawn", "Withdrawn"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=12,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("prepare", "Prepare posts"),
                            ("deduplicate", "Find exact duplicates"),
                            ("match", "Find similar posts"),
                            ("verify", "Compare similar posts"),
                            ("select", "Count copies and cap authors"),
                            ("threads", "Assemble conversations"),
                            ("write", "Write shards"),
                            ("finish", "Write the manifest"),
                        ],
                        editable=False,
                        max_length=12,
                    ),
                ),
                (
                    "pseudonym_key",
                    models.BinaryField(
                        default=dataset_export.models.snapshot.new_pseudonym_key, max_length=32
                    ),
                ),
                ("post_watermark", models.BigIntegerField(editable=False, null=True)),
                ("ledger_size", models.BigIntegerField(editable=False, null=True)),
                ("version_watermark", models.BigIntegerField(editable=False, null=True)),
                ("notice_version", models.PositiveIntegerField(editable=False, null=True)),
                ("watermark_at", models.DateTimeField(editable=False, null=True)),
                ("retraction_watermark", models.BigIntegerField(editable=False, null=True)),
                ("manifest_json", models.BinaryField(null=True)),
                ("signature", models.TextField(blank=True, editable=False)),
                ("error", models.TextField(blank=True, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("started_at", models.DateTimeField(editable=False, null=True)),
                ("built_at", models.DateTimeField(editable=False, null=True)),
                ("approved_at", models.DateTimeField(editable=False, null=True)),
                ("published_at", models.DateTimeField(editable=False, null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "evaluation_lists",
                    models.ManyToManyField(
                        editable=False, related_name="snapshots", to="dataset_export.evaluationlist"
                    ),
                ),
                (
                    "recipe",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snapshots",
                        to="dataset_export.recipe",
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("build_snapshot", "Can build snapshots"),
                    (
                        "approve_snapshot",
                        "Can approve and publish snapshots that others created",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="shard",
            name="snapshot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="shards",
                to="dataset_export.snapshot",
            ),
        ),
        migrations.CreateModel(
            name="RowProvenance",
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
                ("message", models.PositiveSmallIntegerField(default=0)),
                ("post_id", models.BigIntegerField()),
                ("subject", models.UUIDField()),
                ("consent_position", models.BigIntegerField()),
                ("changed", models.CharField(blank=True, max_length=120)),
                ("salt", models.BinaryField(max_length=32, null=True)),
                ("leaf_hash", models.BinaryField(max_length=32, null=True)),
                ("removed_in", models.PositiveIntegerField(null=True)),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="provenance",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("commit", models.CharField(db_index=True, max_length=40)),
                ("manifest_json", models.BinaryField()),
                ("signature", models.TextField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("removed_rows", models.PositiveIntegerField(default=0)),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReviewStatistics",
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
                        related_name="review_statistics",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="removalannouncement",
            name="snapshot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="announcements",
                to="dataset_export.snapshot",
            ),
        ),
        migrations.CreateModel(
            name="Removal",
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
                ("row_id", models.CharField(max_length=32)),
                ("leaf_hash", models.BinaryField(max_length=32)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("consent_withdrawn", "Consent withdrawn"),
                            ("post_deleted", "Post deleted"),
                            ("post_not_public", "Post no longer public"),
                            ("post_not_human", "Post marked as machine-made"),
                            ("account_closed", "Account closed"),
                            ("suspended", "Account suspended, may come back"),
                            ("moderation", "Moderation"),
                            ("exclusion", "Excluded by a reviewer"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("revision", models.PositiveIntegerField(null=True)),
                ("returned_in", models.PositiveIntegerField(null=True)),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="removals",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IntermediatePartition",
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
                        choices=[("bands", "Bands"), ("pairs", "Pairs")], max_length=10
                    ),
                ),
                ("part", models.PositiveIntegerField()),
                ("source", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="partitions",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
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
        ),
        migrations.CreateModel(
            name="DroppedPost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("post_id", models.BigIntegerField()),
                ("step", models.CharField(max_length=30)),
                ("reason", models.CharField(max_length=40)),
                ("duplicate_of", models.BigIntegerField(null=True)),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dropped_posts",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Download",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("token_name", models.CharField(max_length=60, verbose_name="token")),
                ("path", models.CharField(max_length=200)),
                ("bytes_asked", models.BigIntegerField(verbose_name="bytes")),
                ("status", models.PositiveSmallIntegerField()),
                (
                    "access",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="downloads",
                        to="dataset_export.accessrequest",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="downloads",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField(db_default=0, default=0)),
                ("path", models.CharField(max_length=120)),
                ("content", models.BinaryField()),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BuildTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("prepare", "Prepare posts"),
                            ("deduplicate", "Find exact duplicates"),
                            ("match", "Find similar posts"),
                            ("verify", "Compare similar posts"),
                            ("select", "Count copies and cap authors"),
                            ("threads", "Assemble conversations"),
                            ("write", "Write shards"),
                            ("finish", "Write the manifest"),
                        ],
                        max_length=12,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("size", models.PositiveIntegerField()),
                ("configuration", models.CharField(blank=True, max_length=20)),
                ("split", models.CharField(blank=True, max_length=20)),
                ("shard_number", models.PositiveIntegerField(null=True)),
                ("queued_at", models.DateTimeField(null=True)),
                ("begun_at", models.DateTimeField(null=True)),
                ("worker", models.CharField(blank=True, max_length=120)),
                ("done_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("failed_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
                ("taken", models.PositiveIntegerField(default=0)),
                ("dropped", models.JSONField(default=dict)),
                ("changed", models.JSONField(default=dict)),
                ("summary", models.JSONField(default=dict)),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "announcement",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="acknowledgements",
                        to="dataset_export.removalannouncement",
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="acknowledgements",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StagedPost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("post_id", models.BigIntegerField()),
                ("subject", models.UUIDField()),
                ("thread_id", models.BigIntegerField()),
                ("parent_id", models.BigIntegerField(null=True)),
                ("text", models.TextField()),
                ("language", models.CharField(max_length=16)),
                ("confidence", models.FloatField(null=True)),
                ("created_at", models.DateTimeField()),
                ("authorship", models.CharField(max_length=10)),
                ("consent_position", models.BigIntegerField()),
                ("notice", models.CharField(max_length=60)),
                ("split", models.CharField(max_length=20)),
                ("fingerprint", models.BinaryField(max_length=16)),
                ("details", models.BinaryField()),
                ("duplicate_count", models.PositiveIntegerField(db_default=1, default=1)),
                ("message", models.PositiveSmallIntegerField(null=True)),
                (
                    "snapshot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staged_posts",
                        to="dataset_export.snapshot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VacuumRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "tables",
                    models.CharField(
                        choices=[("staging", "Staging"), ("files", "Files")], max_length=10
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("done_at", models.DateTimeField(null=True)),
                ("whole", models.BooleanField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=["asked_at"],
                        name="vacuum_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", True), ("whole__isnull", True)),
                            models.Q(("done_at__isnull", False), ("whole__isnull", False)),
                            _connector="OR",
                        ),
                        name="vacuum_done_says_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("done_at__isnull", True),
                            ("done_at__gte", models.F("asked_at")),
                            _connector="OR",
                        ),
                        name="vacuum_done_after_asked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("dataset", models.CharField(max_length=60)),
                ("url", models.URLField(max_length=500)),
                (
                    "secret",
                    models.BinaryField(
                        default=dataset_export.models.notification.new_webhook_secret, max_length=32
                    ),
                ),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("disabled_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WebhookMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "next_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, null=True
                    ),
                ),
                ("delivered_at", models.DateTimeField(null=True)),
                (
                    "announcement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="dataset_export.removalannouncement",
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="dataset_export.webhook",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="accessrequest",
            index=models.Index(fields=["user", "dataset", "-id"], name="access_of_person"),
        ),
        migrations.AddIndex(
            model_name="accessrequest",
            index=models.Index(
                condition=models.Q(
                    ("notified_at", None), models.Q(("state", "open"), _negated=True)
                ),
                fields=["id"],
                name="access_untold",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("user", "dataset"),
                name="access_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "granted", "refused", "revoked"])),
                name="access_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True), ("decided_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="access_decided_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("granted_until__isnull", False), ("state__in", ["granted", "revoked"])
                    ),
                    models.Q(("granted_until", None), ("state__in", ["open", "refused"])),
                    _connector="OR",
                ),
                name="access_granted_has_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_at__isnull", False), ("state", "revoked")),
                    models.Q(models.Q(("state", "revoked"), _negated=True), ("revoked_at", None)),
                    _connector="OR",
                ),
                name="access_revoked_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["refused", "revoked"]),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    models.Q(("reason", ""), ("state__in", ["open", "granted"])),
                    _connector="OR",
                ),
                name="access_no_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by", models.F("user")), _negated=True),
                    models.Q(("revoked_by", models.F("user")), _negated=True),
                ),
                name="access_decided_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("organisation_url", ""),
                    models.Q(("organisation", ""), _negated=True),
                    _connector="OR",
                ),
                name="access_page_of_organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="exclusion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("post_id__isnull", True), ("subject__isnull", False)),
                    models.Q(("post_id__isnull", False), ("subject__isnull", True)),
                    _connector="OR",
                ),
                name="exclusion_of_post_or_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="exclusion",
            constraint=models.UniqueConstraint(
                fields=("name", "post_id"), name="exclusion_of_post_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="exclusion",
            constraint=models.UniqueConstraint(
                fields=("name", "subject"), name="exclusion_of_person_once"
            ),
        ),
        migrations.AddIndex(
            model_name="removalnotice",
            index=models.Index(
                condition=models.Q(("sent_at", None)), fields=["user"], name="notice_unsent"
            ),
        ),
        migrations.AddConstraint(
            model_name="removalnotice",
            constraint=models.UniqueConstraint(fields=("user", "announcement"), name="notice_once"),
        ),
        migrations.AddConstraint(
            model_name="shardchunk",
            constraint=models.UniqueConstraint(
                fields=("shard", "revision", "number"), name="shard_chunk_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(fields=("name", "version"), name="snapshot_version"),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "published")),
                fields=("name",),
                name="snapshot_published_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "failed", "cancelled"]),
                    models.Q(
                        ("ledger_size__isnull", False),
                        ("post_watermark__isnull", False),
                        ("retraction_watermark__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="snapshot_built_has_watermarks",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["in_review", "published", "superseded"]),
                        _negated=True,
                    ),
                    ("manifest_json__isnull", False),
                    _connector="OR",
                ),
                name="snapshot_reviewed_has_manifest",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["published", "superseded"]), _negated=True),
                    ("approved_at__isnull", False),
                    _connector="OR",
                ),
                name="snapshot_published_was_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    models.Q(("approved_by", models.F("created_by")), _negated=True),
                    _connector="OR",
                ),
                name="snapshot_approved_by_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="shard",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "configuration", "split", "number", "format"),
                name="shard_number",
            ),
        ),
        migrations.AddIndex(
            model_name="rowprovenance",
            index=models.Index(fields=["post_id"], name="record_of_post"),
        ),
        migrations.AddIndex(
            model_name="rowprovenance",
            index=models.Index(fields=["subject"], name="record_of_subject"),
        ),
        migrations.AddConstraint(
            model_name="rowprovenance",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "configuration", "post_id"), name="record_of_post_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="rowprovenance",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "configuration", "split", "shard_number", "row", "message"),
                name="record_row_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="rowprovenance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("leaf_hash__isnull", False), ("message__gt", 0), _connector="OR"
                ),
                name="record_of_row_has_leaf",
            ),
        ),
        migrations.AddConstraint(
            model_name="rowprovenance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("removed_in__isnull", True), ("salt__isnull", True), _connector="OR"
                ),
                name="record_removed_has_no_salt",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "number"), name="revision_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="removalannouncement",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "revision", "is_withdrawal"), name="announcement_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="removalannouncement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_withdrawal", True)),
                fields=("snapshot",),
                name="announcement_of_withdrawal_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="removalannouncement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_withdrawal", True), ("rows__isnull", True)),
                    models.Q(("is_withdrawal", False), ("rows__gte", 1)),
                    _connector="OR",
                ),
                name="announcement_of_rows_or_all",
            ),
        ),
        migrations.AddIndex(
            model_name="removal",
            index=models.Index(fields=["snapshot", "revision", "id"], name="removal_of_revision"),
        ),
        migrations.AddConstraint(
            model_name="removal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("returned_in__isnull", True)),
                fields=("snapshot", "configuration", "split", "shard_number", "row"),
                name="removal_of_row_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="intermediatepartition",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "kind", "part", "source"), name="partition_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="heldrow",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "configuration", "split", "shard_number", "row"),
                name="held_row_once",
            ),
        ),
        migrations.AddIndex(
            model_name="droppedpost",
            index=models.Index(fields=["post_id"], name="dropped_post_by_post"),
        ),
        migrations.AddConstraint(
            model_name="droppedpost",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "post_id"), name="dropped_post_once"
            ),
        ),
        migrations.AddIndex(
            model_name="download",
            index=models.Index(fields=["snapshot", "path"], name="download_of_file"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "revision", "path"), name="document_path_once"
            ),
        ),
        migrations.AddIndex(
            model_name="buildtask",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True)),
                fields=["snapshot", "stage"],
                name="build_task_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="buildtask",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "stage", "number"), name="build_task_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="acknowledgement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("user__isnull", False)),
                fields=("user", "snapshot", "revision", "announcement"),
                name="acknowledgement_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="stagedpost",
            index=models.Index(
                fields=["snapshot", "fingerprint", "post_id"], name="staged_post_duplicates"
            ),
        ),
        migrations.AddIndex(
            model_name="stagedpost",
            index=models.Index(
                condition=models.Q(("thread_id", models.F("post_id")), _negated=True),
                fields=["snapshot", "thread_id"],
                name="staged_post_replies",
            ),
        ),
        migrations.AddConstraint(
            model_name="stagedpost",
            constraint=models.UniqueConstraint(
                fields=("snapshot", "post_id"), name="staged_post_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.UniqueConstraint(fields=("user", "dataset"), name="webhook_once"),
        ),
        migrations.AddConstraint(
            model_name="webhookmessage",
            constraint=models.UniqueConstraint(
                fields=("webhook", "announcement"), name="webhook_message_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("delivered_at", None), ("next_at", None), _connector="OR"),
                name="webhook_message_delivered_rests",
            ),
        ),
        run_sql_file("dataset_export", "append_only_tables"),
        run_sql_file("dataset_export", "compressed_columns"),
        run_sql_file("dataset_export", "dataset_export_prevent_deleting_used_list"),
        run_sql_file("dataset_export", "dataset_export_prevent_deleting_used_recipe"),
        run_sql_file("dataset_export", "immutable_evaluation_lists"),
    ]
