import uuid

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from common.sql_files import run_sql_file


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentEvent",
            fields=[
                (
                    "position",
                    models.BigIntegerField(
                        db_default=models.Value(-1), primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.UUIDField()),
                (
                    "scope",
                    models.CharField(
                        choices=[("account", "Account"), ("post", "Post")], max_length=10
                    ),
                ),
                ("post_id", models.BigIntegerField(null=True)),
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
                    "decision",
                    models.CharField(
                        choices=[
                            ("granted", "Granted"),
                            ("withdrawn", "Withdrawn"),
                            ("cleared", "Cleared"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "covers",
                    models.CharField(
                        choices=[
                            ("everything", "Include posts so far"),
                            ("from_now", "From now on"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("settings", "Settings"),
                            ("composer", "Composer"),
                            ("sign_up", "Sign Up"),
                            ("api", "Api"),
                            ("import", "Import"),
                        ],
                        max_length=12,
                    ),
                ),
                ("app", models.CharField(blank=True, db_default="", default="", max_length=60)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("salt", models.BinaryField(max_length=32)),
                ("leaf_hash", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="BulkDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.UUIDField(db_index=True)),
                ("description", models.CharField(max_length=200)),
                ("posts", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.consentevent",
                    ),
                ),
                (
                    "last",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.consentevent",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Crawler",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user_agent",
                    models.CharField(
                        max_length=60,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_.-]+\\Z",
                                "A name as in robots.txt: letters, digits, dots, - and _.",
                            )
                        ],
                    ),
                ),
                ("operator", models.CharField(max_length=100)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("training", "trains AI"),
                            ("collecting", "collects for others, who train AI"),
                            ("search", "finds pages for a search"),
                            ("on_request", "fetches a page when a person asks"),
                        ],
                        max_length=12,
                        verbose_name="what for",
                    ),
                ),
                (
                    "documentation_url",
                    models.URLField(
                        blank=True,
                        help_text="Where its operator describes it.",
                        verbose_name="documentation",
                    ),
                ),
                (
                    "is_blocked",
                    models.BooleanField(
                        help_text="robots.txt disallows everything for it.", verbose_name="blocked"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("purpose__in", ["training", "collecting", "search", "on_request"])
                        ),
                        name="crawler_purpose_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LogKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("public_key", models.BinaryField(max_length=32)),
                ("first_used_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("name", "public_key"), name="log_key_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="LogNode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("level", "index"), name="log_node_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
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
                ("version", models.PositiveIntegerField()),
                (
                    "language",
                    models.CharField(choices=[("en", "English"), ("de", "Deutsch")], max_length=16),
                ),
                ("text", models.TextField()),
                ("text_sha256", models.BinaryField(max_length=32)),
                ("is_material", models.BooleanField(db_default=True, default=True)),
                ("published_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("seal", models.BinaryField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("purpose", "version", "language"), name="notice_version"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="consentevent",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.notice"
            ),
        ),
        migrations.CreateModel(
            name="NoticeDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
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
                    "language",
                    models.CharField(choices=[("en", "English"), ("de", "Deutsch")], max_length=16),
                ),
                (
                    "text",
                    models.TextField(
                        help_text="What, for whom, for how long, and how to undo it, in plain words."
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("purpose", "language"), name="notice_draft_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Subject",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("adult_attested_at", models.DateTimeField(blank=True, null=True)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("withdrew_all_at", models.DateTimeField(blank=True, null=True)),
                ("allows_crawling", models.BooleanField(db_default=False, default=False)),
                ("seal", models.BinaryField(max_length=64)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consent_subject",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ConsentState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.UUIDField()),
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
                ("post_id", models.BigIntegerField(null=True)),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="state",
                        to="consent.consentevent",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["post_id"], name="consent_state_of_post")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject", "purpose", "post_id"),
                        name="consent_state_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.UUIDField()),
                ("key", models.CharField(max_length=200)),
                ("digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.consentevent",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("subject", "key"), name="decision_key_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("note", models.TextField()),
                ("signed_at", models.DateTimeField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.logkey",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("size", "key"), name="checkpoint_once_a_key")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="consentevent",
            index=models.Index(
                condition=models.Q(("scope", "account")),
                fields=["subject", "purpose", "-position"],
                name="consent_account_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="consentevent",
            index=models.Index(fields=["subject", "-position"], name="consent_subject_newest"),
        ),
        migrations.AddIndex(
            model_name="consentevent",
            index=models.Index(
                condition=models.Q(("scope", "post")),
                fields=["post_id", "purpose", "-position"],
                name="consent_post_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="consentevent",
            index=models.Index(
                condition=models.Q(
                    ("covers", "everything"), ("decision", "granted"), _negated=True
                ),
                fields=["purpose", "position"],
                include=("subject",),
                name="consent_narrowed",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("post_id__isnull", True), ("scope", "account")),
                    models.Q(("post_id__isnull", False), ("scope", "post")),
                    _connector="OR",
                ),
                name="post_id_goes_with_scope_post",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 0)), name="position_given_by_trigger"
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("purpose__in", ["pretraining", "fine_tuning", "evaluation", "open_release"])
                ),
                name="purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision__in", ["granted", "withdrawn"]),
                    models.Q(("decision", "cleared"), ("scope", "post")),
                    _connector="OR",
                ),
                name="decision_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("covers__in", ["everything", "from_now"])), name="covers_known"
            ),
        ),
        migrations.AddIndex(
            model_name="subject",
            index=models.Index(
                condition=models.Q(("adult_attested_at__isnull", False)),
                fields=["user"],
                name="consent_adult",
            ),
        ),
        run_sql_file("consent", "consent_assign_position"),
        run_sql_file("consent", "consent_prevent_change"),
        run_sql_file("consent", "consent_update_projection"),
    ]
