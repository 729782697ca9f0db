from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.snowflake import NextSnowflakeId
from posts.models.post import Post


class PostVersion(models.Model):
    """An earlier version of an edited post.

    Its id is allocated when the version ends: the version at a time is the first with a later id,
    or the post itself.
    """

    id = models.BigIntegerField(primary_key=True, db_default=NextSnowflakeId(), editable=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="versions")
    text = models.TextField()
    html = models.TextField()
    warning = models.CharField(max_length=200, blank=True)
    is_sensitive = models.BooleanField(default=False)
    language = models.CharField(max_length=16, blank=True)
    is_language_guessed = models.BooleanField(default=False, db_default=False)
    # The alt texts in order, and the poll options.
    pictures = ArrayField(models.TextField(), default=list, db_default=[])
    poll_options = ArrayField(models.TextField(), default=list, db_default=[])

    class Meta:
        indexes = [models.Index(fields=["post", "id"], name="post_version_in_order")]

    def __str__(self) -> str:
        return f"{self.post_id} until {self.pk}"
