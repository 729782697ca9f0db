import django.db.models.deletion
from django.db import migrations, models

# What goes out after all, or at another time, or is a draft again, has not failed.
CREATE = """
CREATE FUNCTION timeline_forget_failure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM timeline_notification WHERE draft_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER forget_notification AFTER UPDATE OF failure ON posts_keptdraft
    FOR EACH ROW WHEN (OLD.failure <> '' AND NEW.failure = '') EXECUTE FUNCTION timeline_forget_failure();
"""
DROP = """
DROP TRIGGER forget_notification ON posts_keptdraft;
DROP FUNCTION timeline_forget_failure();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0009_filters"),
        ("timeline", "0009_filters_move"),
    ]
    operations = [
        migrations.RemoveConstraint(
            model_name="notification",
            name="notify_once",
        ),
        migrations.AddField(
            model_name="notification",
            name="draft",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="posts.keptdraft",
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
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
                    ("draft", "A post that you wrote for later cannot go out"),
                    ("staff", "Those who run this place write to you"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="refusedkind",
            name="kind",
            field=models.CharField(
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
                    ("draft", "A post that you wrote for later cannot go out"),
                    ("staff", "Those who run this place write to you"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("draft__isnull", False)),
                fields=["draft"],
                name="notification_of_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                fields=("recipient", "kind", "post", "actor", "message", "draft"),
                name="notify_once",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
