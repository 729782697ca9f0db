"""Compiled queries: Django builds the SQL once per process, and values are bound by name.

For the few queries that Django takes longer to compile than PostgreSQL to answer. The query set
stays the only definition of a rule; what varies between executions is a `Param`.
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
# Types that a query may fix. Any other, above all a datetime, would freeze the value at compile
# time.
LITERAL_TYPES = (str, int, float, Decimal, UUID, NoneType)
# Errors of a prepared statement that a schema change outdated, that was deallocated, or whose name
# is taken.
STALE_STATEMENT_ERRORS = (
    errors.FeatureNotSupported,
    errors.InvalidSqlStatementName,
    errors.DuplicatePreparedStatement,
)


class CompiledQueryError(Exception):
    """A query cannot be compiled, or lacks one of its values."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Stands for a `Param` among the parameters of SQL; no driver accepts it as a value."""

    name: str


class Param(Expression):
    """A value that is bound by name whenever the compiled query is executed."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        # The cast fixes the type, so that it is not inferred from one value.
        return f"%s::{self.output_field.db_type(connection)}", [Placeholder(self.name)]


class EqualsAny(Func):
    """Membership in an array: one parameter for any number of values."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


# The subject of the query (a user or a post), the cursor of a page, and row ids.
SUBJECT_ID = Param("subject", BigIntegerField())
CURSOR = Param("cursor", BigIntegerField())
IDS = Param("ids", ArrayField(BigIntegerField()))


class PreparingCursor(psycopg.Cursor[tuple[Any, ...]]):
    """A cursor with psycopg's server-side prepared statements, one per connection and query."""

    def execute(self, query: Any, params: Any = None, **_options: Any) -> "PreparingCursor":
        super().execute(query, params, prepare=True)
        # Django's query log reads this attribute, which psycopg does not set for prepared
        # statements.
        self._query = cast(Any, SentQuery(self.connection, query, params))
        return self


@dataclass(frozen=True, slots=True)
class SentQuery:
    """A query for Django's query log, which renders its values only when it is read."""

    connection: Any
    text: Any
    params: Any

    @property
    def query(self) -> bytes:
        return psycopg.ClientCursor(self.connection).mogrify(self.text, self.params).encode()


class CompiledQuery:
    """SQL with named parameters for repeated execution.

    With `prepare`, PostgreSQL also plans it once per connection: planning thirty tables takes
    several times as long as executing. Only for queries that one generic plan suits, such as those
    by ids or for a user's newest rows. Psycopg treats equal SQL as one statement, so compiling a
    query twice is harmless.
    """

    def __init__(self, statement: str, parameters: Sequence[Any], *, prepare: bool = False) -> None:
        rendered = tuple(map(render_parameter, parameters))
        # Escaped percent signs stay escaped: values are bound later.
        self.sql = statement.replace("%%", "%%%%") % rendered
        self.names = frozenset(
            parameter.name for parameter in parameters if isinstance(parameter, Placeholder)
        )
        self.prepare = prepare

    def fetch(self, **values: int | Sequence[int]) -> list[tuple[Any, ...]]:
        """Return the rows for these values; unused values are ignored.

        Raises:
            CompiledQueryError: a value is missing.
        """
        bound = self.bind(values)
        if self.prepare and not connection.in_atomic_block:
            try:
                return self._fetch_prepared(bound)
            except DatabaseError as error:
                if not isinstance(error.__cause__, STALE_STATEMENT_ERRORS):
                    raise
                deallocate_prepared_statements()
        # Not inside a transaction, which a stale statement would abort.
        with connection.cursor() as cursor:
            cursor.execute(self.sql, bound)
            return cursor.fetchall()

    def bind(self, values: dict[str, int | Sequence[int]]) -> dict[str, Any]:
        """Return the parameters with the types that the SQL expects."""
        if missing := self.names - values.keys():
            raise CompiledQueryError(f"no value for {', '.join(sorted(missing))}")
        return {name: to_bigint(values[name]) for name in self.names}

    def _fetch_prepared(self, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            # Django's cursor binds on the client and never prepares.
            cursor.cursor = PreparingCursor(cast(Any, connection.connection))
            cursor.execute(self.sql, bound)
            return cursor.fetchall()


class CompiledModelQuery(Generic[_Row]):
    """A compiled query for model instances, with annotations and `select_related`."""

    def __init__(self, rows: QuerySet[_Row, _Row], *, prepare: bool = False) -> None:
        self.loader = RowLoader(rows)
        selected = rows.values_list(*self.loader.columns)
        self.query = CompiledQuery(*selected.query.sql_with_params(), prepare=prepare)

    def fetch(self, **values: int | Sequence[int]) -> list[_Row]:
        """Return the instances for these values; see `CompiledQuery.fetch`."""
        return list(map(self.loader.load, self.query.fetch(**values)))


class RowLoader(Generic[_Row]):
    """Builds model instances from rows, as the query set would."""

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
        """Return the instance for a row."""
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
        """Yield the converters of columns: index, expression and function."""
        fields = [
            *self.fields,
            *(field for relation in self.relations for field in relation.fields),
        ]
        expressions = [*(field.cached_col for field in fields), *self.annotations.values()]
        for place, expression in enumerate(expressions):
            for convert in expression.get_db_converters(connection):
                yield place, expression, convert


class Relation:
    """A foreign key that is loaded with its row."""

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
    """Return the foreign keys of `select_related`, which must be the model's own."""
    related = rows.query.select_related or {}
    if related is True or any(related.values()):
        raise CompiledQueryError("compiled rows bring only named relations of their own model")
    fields = [rows.model._meta.get_field(name) for name in related]
    return [field for field in fields if isinstance(field, ForeignKey)]


def render_parameter(parameter: Any) -> str:
    """Return the SQL for a parameter: a named placeholder, or a literal.

    Raises:
        CompiledQueryError: the parameter is neither.
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
    """Cast to `bigint`: psycopg prepares one statement per combination of types."""
    return Int8(value) if isinstance(value, int) else [Int8(entry) for entry in value]


def deallocate_prepared_statements() -> None:
    """Deallocate the prepared statements of this thread's connection, in psycopg as well.

    Psycopg does so only after a rollback.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
        transaction.set_rollback(True)
