from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchEntry(models.Model):
    """What a post can be found by; triggers of the database keep it, in the transaction of each change of the post.

    What is said of its pictures and the answers of its poll have a weight of their own, C. Beside the words with their
    places stand marks, which hold a sign that no word has: `#tag`, `@name`, `by=7`,
    `lang=de`, `has=media`, `is=reply`, and the spans of time `a=`, `b=` and `c=` that the post falls into.
    """

    # No foreign key: the trigger deletes it, and posts need not know of it.
    post_id = models.BigIntegerField(primary_key=True)
    terms = SearchVectorField()

    class Meta:
        # New posts are gathered in a list beside the index, which halves the work. Every search reads that list to its
        # end, so it is kept short: these are kilobytes.
        indexes = [GinIndex(fields=["terms"], name="search_terms", gin_pending_list_limit=256)]

    def __str__(self) -> str:
        return f"{self.post_id}"
