import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import posts.models.filter

# What a card shows of a post, and of a post for everyone that it quotes, with a sign in between that is no blank.
SAYS = r"""
CREATE FUNCTION posts_says(shown bigint, pattern text) RETURNS boolean
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
    words text;
BEGIN
    SELECT string_agg(concat_ws(
        E'\x02', said.warning, said.text,
        CASE WHEN said.has_poll THEN
            (SELECT array_to_string(options, E'\x02') FROM posts_poll WHERE post_id = said.id)
        END,
        CASE WHEN said.has_media THEN
            (SELECT string_agg(alt, E'\x02') FROM posts_media WHERE post_id = said.id)
        END
    ), E'\x02') INTO words
    FROM posts_post brought
    JOIN posts_post original ON original.id = coalesce(brought.repost_of_id, brought.id)
    JOIN posts_post said ON said.id IN (
        original.id, CASE original.quote_state WHEN 'shown' THEN original.quote_of_id END
    )
    WHERE brought.id = shown AND (said.id = original.id OR said.visibility IN ('public', 'unlisted'));
    RETURN words ~* pattern;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0008_versions_of_pictures_and_polls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
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
                ("pattern", models.CharField(editable=False, max_length=300)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("hide", "Leave such posts out"),
                            ("warn", "Fold such posts and name the filter"),
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
                                ("threads", "Conversations under a post"),
                                ("profiles", "Profiles"),
                            ],
                            max_length=13,
                        ),
                        default=posts.models.filter.everywhere,
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
        migrations.RunSQL(SAYS, "DROP FUNCTION posts_says(bigint, text)"),
    ]
