from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from timeline.models import SearchEntry


@contextmanager
def without_index(*, posts: int) -> Iterator[None]:
    """Take the index away while many posts come, and make it anew after them, which takes a third of the time.

    Meanwhile searches wait for the end of the transaction. The index stays where there are more posts than come.
    """
    if SearchEntry.objects.count() > posts:
        yield
        return
    (index,) = SearchEntry._meta.indexes
    with connection.schema_editor() as editor:
        editor.remove_index(SearchEntry, index)
    yield
    with connection.schema_editor() as editor:
        editor.add_index(SearchEntry, index)
