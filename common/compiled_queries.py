"""Compiled queries: Django composes the SQL once in a process, values are bound by name at each execution.

For the few queries that take Django longer to compose than PostgreSQL to answer. A query set stays the one place where
a rule is written; what differs between two executions stands in it as a `Param`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import NoneType
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

import psycopg
from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, transaction
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Expression,
    Field,
    ForeignKey,
    Func,
    Model,
    QuerySet,
)
from psycopg import errors, sql
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8

_Row = TypeVar("_Row", bound=Model)
# What a rule may fix: with any other type, above all a moment, it would fix what held when the query was compiled.
LITERAL_TYPES = (str, int, float, Decimal, UUID, NoneType)
# What PostgreSQL says of a prepared statement that a change of the schema has outdated, that somebody else has
# deallocated, and whose name somebody else has taken.
STALE_STATEMENT_ERRORS = (
    errors.FeatureNotSupported,
    errors.InvalidSqlStatementName,
    errors.DuplicatePreparedStatement,
)


class CompiledQueryError(Exception):
    """A query cannot be compiled, or is executed without one of its values."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Stands for the value of a `Param` among the parameters of SQL; no driver takes it for a value."""

    name: str


class Param(Expression):
    """A value in a query set that is bound by name whenever the compiled query is executed."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        # The cast names the type, so that neither PostgreSQL nor psycopg has to infer it from one value.
        return f"%s::{self.output_field.db_type(connection)}", [Placeholder(self.name)]


class EqualsAny(Func):
    """Whether a value is one of an array, which is one parameter however many there are."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


# What the query is about, a user or a post; the id after which a page begins; and the ids of rows.
SUBJECT_ID = Param("subject", BigIntegerField())
CURSOR = Param("cursor", BigIntegerField())
IDS = Param("ids", ArrayField(BigIntegerField()))


class PreparingCursor(psycopg.Cursor[tuple[Any, ...]]):
    """A cursor whose queries psycopg prepares, once on each connection; psycopg keeps count of what it prepared."""

    def execute(self, query: Any, params: Any = None, **_options: Any) -> "PreparingCursor":
        super().execute(query, params, prepare=True)
        # Here Django's log of queries looks for what was sent, and psycopg leaves it out for what is prepared.
        self._query = cast(Any, SentQuery(self.connection, query, params))
        return self


@dataclass(frozen=True, slots=True)
class SentQuery:
    """A query for the log of queries, which nobody else reads: so the values are put into it when they are."""

    connection: Any
    text: Any
    params: Any

    @property
    def query(self) -> bytes:
        return psycopg.ClientCursor(self.connection).mogrify(self.text, self.params).encode()


class CompiledQuery:
    """SQL with named parameters that is executed again and again.

    With `prepare` PostgreSQL plans it once for a connection, too: to plan one with thirty tables takes several times as
    long as to answer it. Only for queries that one plan suits whoever asks: those by ids do, and those for somebody's
    newest rows. Two of the same SQL are one to psycopg, so that it does no harm to compile one twice.
    """

    def __init__(self, statement: str, parameters: Sequence[Any], *, prepare: bool = False) -> None:
        rendered = tuple(map(render_parameter, parameters))
        # An escaped percent sign stays one, as the values are bound later.
        self.sql = statement.replace("%%", "%%%%") % rendered
        self.names = frozenset(
            parameter.name for parameter in parameters if isinstance(parameter, Placeholder)
        )
        self.prepare = prepare

    def fetch(self, **values: int | Sequence[int]) -> list[tuple[Any, ...]]:
        """Return the rows for these values; those that the query does not have are left aside.

        Raises:
            CompiledQueryError: A value is missing.
        """
        bound = self.bind(values)
        if self.prepare and not connection.in_atomic_block:
            try:
                return self._fetch_prepared(bound)
            except DatabaseError as error:
                if not isinstance(error.__cause__, STALE_STATEMENT_ERRORS):
                    raise
                deallocate_prepared_statements()
        # In a transaction, too: there a stale statement would be the end of it.
        with connection.cursor() as cursor:
            cursor.execute(self.sql, bound)
            return cursor.fetchall()

    def bind(self, values: dict[str, int | Sequence[int]]) -> dict[str, Any]:
        """Return the values of the query's parameters with the types that the SQL gives them."""
        if missing := self.names - values.keys():
            raise CompiledQueryError(f"no value for {', '.join(sorted(missing))}")
        return {name: to_bigint(values[name]) for name in self.names}

    def _fetch_prepared(self, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            # Django's own cursor, which it replaces, binds values in the client and never prepares.
            cursor.cursor = PreparingCursor(cast(Any, connection.connection))
            cursor.execute(self.sql, bound)
            return cursor.fetchall()


class CompiledModelQuery(Generic[_Row]):
    """A compiled query of whole rows: instances of a model, with their annotations and what `select_related` names."""

    def __init__(self, rows: QuerySet[_Row, _Row], *, prepare: bool = False) -> None:
        self.loader = RowLoader(rows)
        selected = rows.values_list(*self.loader.columns)
        self.query = CompiledQuery(*selected.query.sql_with_params(), prepare=prepare)

    def fetch(self, **values: int | Sequence[int]) -> list[_Row]:
        """Return the instances for these values; see `CompiledQuery.fetch`."""
        return list(map(self.loader.load, self.query.fetch(**values)))


class RowLoader(Generic[_Row]):
    """Makes instances of the rows that `QuerySet.values_list(*columns)` has, as the query set itself would."""

    def __init__(self, rows: QuerySet[_Row, _Row]) -> None:
        self.model = rows.model
        self.fields = rows.model._meta.concrete_fields
        self.relations = [Relation(field) for field in related_fields(rows)]
        self.annotations = rows.query.annotation_select
        self.columns = [
            *(field.attname for field in self.fields),
            *(column for relation in self.relations for column in relation.columns),
            *self.annotations,
        ]
        self.converters = list(self._converters())

    def load(self, row: Sequence[Any]) -> _Row:
        """Return the instance of one row."""
        values = list(row)
        for place, expression, convert in self.converters:
            values[place] = convert(values[place], expression, connection)
        end = len(self.fields)
        instance = self.model.from_db(DEFAULT_DB_ALIAS, self.columns[:end], values[:end])
        for relation in self.relations:
            begin, end = end, end + len(relation.columns)
            relation.field.set_cached_value(instance, relation.load(values[begin:end]))
        for name, value in zip(self.annotations, values[end:], strict=True):
            setattr(instance, name, value)
        return instance

    def _converters(self) -> Iterator[tuple[int, Any, Callable[..., Any]]]:
        """Yield what turns a column's value into Python's: its place, its expression, and the function."""
        fields = [
            *self.fields,
            *(field for relation in self.relations for field in relation.fields),
        ]
        expressions = [*(field.cached_col for field in fields), *self.annotations.values()]
        for place, expression in enumerate(expressions):
            for convert in expression.get_db_converters(connection):
                yield place, expression, convert


class Relation:
    """A foreign key whose row comes with the row that holds it."""

    def __init__(self, field: "ForeignKey[Any, Any]") -> None:
        self.field = field
        self.model: type[Model] = field.related_model
        self.fields = self.model._meta.concrete_fields
        self.names = [one.attname for one in self.fields]
        self.columns = [f"{field.name}__{name}" for name in self.names]
        self.key = self.fields.index(cast(Any, self.model._meta.pk))

    def load(self, values: Sequence[Any]) -> Model | None:
        if values[self.key] is None:
            return None
        return self.model.from_db(DEFAULT_DB_ALIAS, self.names, values)


def related_fields(rows: QuerySet[Any, Any]) -> "list[ForeignKey[Any, Any]]":
    """Return the foreign keys that `select_related` names, which have to be of the model itself."""
    related = rows.query.select_related or {}
    if related is True or any(related.values()):
        raise CompiledQueryError("compiled rows bring only named relations of their own model")
    fields = [rows.model._meta.get_field(name) for name in related]
    return [field for field in fields if isinstance(field, ForeignKey)]


def render_parameter(parameter: Any) -> str:
    """Return what stands in the SQL for a parameter: a named placeholder, or a literal of what the rule fixes.

    Raises:
        CompiledQueryError: The parameter is neither.
    """
    if isinstance(parameter, Placeholder):
        return f"%({parameter.name})s"
    value = parameter.obj if isinstance(parameter, Jsonb) else parameter
    entries = value if isinstance(value, list | tuple) else [value]
    if not all(isinstance(entry, LITERAL_TYPES) for entry in entries):
        kind = type(value).__name__
        raise CompiledQueryError(
            f"a {kind} would be fixed for the life of the process: use a Param, or Now()"
        )
    return sql.Literal(parameter).as_string(None).replace("%", "%%")


def to_bigint(value: int | Sequence[int]) -> Any:
    """Return a value, or several, as `bigint`: psycopg prepares a query once for each combination of types."""
    return Int8(value) if isinstance(value, int) else [Int8(entry) for entry in value]


def deallocate_prepared_statements() -> None:
    """Have PostgreSQL, and psycopg with it, forget what was prepared on this thread's connection.

    psycopg does so after a rollback, whatever it counted before.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
        transaction.set_rollback(True)
