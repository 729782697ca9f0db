import django.contrib.postgres.fields
from django.db import migrations, models

# Until now neither could be changed, so that earlier versions had what the post has.
AS_THEY_ARE = """
UPDATE posts_postversion AS version SET
    pictures = coalesce((
        SELECT array_agg(alt ORDER BY position) FROM posts_media
        WHERE post_id = version.post_id AND state <> 'failed'
    ), '{}'),
    poll_options = coalesce((SELECT options FROM posts_poll WHERE post_id = version.post_id), '{}')
FROM posts_post AS post
WHERE post.id = version.post_id AND (post.has_media OR post.has_poll)
"""


def texts() -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.TextField(), db_default=[], default=list, size=None
    )


class Migration(migrations.Migration):
    dependencies = [("posts", "0007_polls")]

    operations = [
        migrations.AddField(model_name="postversion", name="pictures", field=texts()),
        migrations.AddField(model_name="postversion", name="poll_options", field=texts()),
        migrations.RunSQL(AS_THEY_ARE, migrations.RunSQL.noop),
    ]
