from django.db import models


class SitemapPage(models.Model):
    """A part of the list of posts for search engines begins with this post; the first part, with all before it."""

    id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"from {self.pk}"
