"""Queries that are worked out once: Django takes longer to put some of them together than PostgreSQL to answer."""

import copy
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import connection, connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.utils import timezone
from psycopg import sql as literal

Row = TypeVar("Row", bound=Model)

# Stand in for the viewer, for what the query is about (a person, a post), for the id after which a page begins, and for
# ids of rows, the literal of an empty array.
SOMEBODY = -(2**40)
SUBJECT = SOMEBODY - 1
SOMEWHERE = SOMEBODY - 2
SOME_IDS = "{}"


def filled(parameter: Any, viewer: int, ids: Sequence[int] = (), *, about: int = 0, after: int = 0) -> Any:
    """Return what a parameter of such a query is for one viewer at this moment."""
    if parameter == SOMEBODY:
        return viewer
    if parameter == SUBJECT:
        return about
    if parameter == SOMEWHERE:
        return after
    if parameter == SOME_IDS:
        return list(ids)
    return timezone.now() if isinstance(parameter, datetime) else parameter


class Statement:
    """A query for a viewer, and about some ids, that PostgreSQL, too, plans once, on each connection that asks it.

    To plan one with thirty tables takes it several times as long as to answer. Only for queries that one plan suits
    whoever asks: those by ids do, and those for the newest of somebody's rows.
    """

    def __init__(self, name: str, sql: str, parameters: Sequence[Any]) -> None:
        self.name, self.sql, self.parameters = name, sql, parameters
        self.known_to: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()

    def execution(self, viewer: int, ids: Sequence[int] = ()) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL and the parameters with which to ask; the connection learns the statement before."""
        connection.ensure_connection()
        if connection.connection not in self.known_to:
            with connection.wrap_database_errors:
                connection.connection.execute(self.preparation())
            self.known_to[connection.connection] = True
        return f"EXECUTE {self.name} (%s, %s, %s)", (viewer, list(ids), timezone.now())

    def preparation(self) -> str:
        places = tuple(map(self.place, self.parameters))
        return f"PREPARE {self.name} (bigint, bigint[], timestamptz) AS {self.sql % places}"

    def place(self, parameter: Any) -> str:
        if parameter == SOMEBODY:
            return "$1"
        if parameter == SOME_IDS:
            return "$2"
        return "$3" if isinstance(parameter, datetime) else literal.quote(parameter, connection.connection)


class Prepared(Generic[Row]):
    """A query of whole rows whose SQL is kept, with values in it that stand in for those of each asking."""

    def __init__(self, rows: QuerySet[Row, Row]) -> None:
        self.rows = rows
        self.compiler = rows.query.get_compiler(rows.db)
        self.sql, self.parameters = self.compiler.as_sql()

    def ask(self, fill: Callable[[Any], Any]) -> Iterator[Row]:
        """Yield the rows for the parameters that `fill` puts in place of those that were given first."""
        return self.rows_by(self.sql, tuple(map(fill, self.parameters)))

    def rows_by(self, sql: str, parameters: Sequence[Any]) -> Iterator[Row]:
        """Yield the rows that this SQL brings, which has the columns of the query."""
        compiler: Any = copy.copy(self.compiler)
        compiler.connection = connections[self.rows.db]
        compiler.as_sql = lambda *_args, **_options: (sql, parameters)
        rows: Any = self.rows._chain()  # type: ignore[attr-defined]
        rows.query.get_compiler = lambda *_args, **_options: compiler
        return iter(ModelIterable(rows))
