from django.db import models


class SitemapPage(models.Model):
    """A sitemap page begins with this post; the first page also covers everything before it."""

    id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"from {self.pk}"
