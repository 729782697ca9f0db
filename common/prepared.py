"""Queries that are worked out once: Django takes longer to put some of them together than PostgreSQL to answer."""

import copy
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.utils import timezone

Row = TypeVar("Row", bound=Model)

# Stand in for the viewer, for somebody whom the query is about, for the id below which a page begins, and for ids of
# rows, the literal of an empty array.
SOMEBODY = -(2**40)
SOMEBODY_ELSE = SOMEBODY - 1
SOMEWHERE = SOMEBODY - 2
SOME_IDS = "{}"


def filled(parameter: Any, viewer: int, ids: Sequence[int] = (), *, about: int = 0, below: int = 0) -> Any:
    """Return what a parameter of such a query is for one viewer at this moment."""
    if parameter == SOMEBODY:
        return viewer
    if parameter == SOMEBODY_ELSE:
        return about
    if parameter == SOMEWHERE:
        return below
    if parameter == SOME_IDS:
        return list(ids)
    return timezone.now() if isinstance(parameter, datetime) else parameter


class Prepared(Generic[Row]):
    """A query of whole rows whose SQL is kept, with values in it that stand in for those of each asking."""

    def __init__(self, rows: QuerySet[Row, Row]) -> None:
        self.rows = rows
        self.compiler = rows.query.get_compiler(rows.db)
        self.sql, self.parameters = self.compiler.as_sql()

    def ask(self, fill: Callable[[Any], Any]) -> Iterator[Row]:
        """Yield the rows for the parameters that `fill` puts in place of those that were given first."""
        compiler: Any = copy.copy(self.compiler)
        compiler.connection = connections[self.rows.db]
        compiler.as_sql = lambda *_args, **_options: (self.sql, tuple(map(fill, self.parameters)))
        rows: Any = self.rows._chain()  # type: ignore[attr-defined]
        rows.query.get_compiler = lambda *_args, **_options: compiler
        return iter(ModelIterable(rows))
