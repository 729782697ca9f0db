from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchEntry(models.Model):
    """Search terms of a post, maintained by triggers in the transaction of each change.

    Alt texts and poll options have weight C. Besides words with positions there are facets,
    recognizable by a sign that no word contains: `#tag`, `@name`, `by=7`, `lang=de`, `has=media`,
    `is=reply`, and the time buckets `a=`, `b=` and `c=`.
    """

    # Not a foreign key: a trigger deletes it, and posts need not know of it.
    post_id = models.BigIntegerField(primary_key=True)
    terms = SearchVectorField()

    class Meta:
        # GIN's pending list halves the work of inserts, but each search scans it: keep it small
        # (kilobytes).
        indexes = [GinIndex(fields=["terms"], name="search_terms", gin_pending_list_limit=256)]

    def __str__(self) -> str:
        return f"{self.post_id}"
