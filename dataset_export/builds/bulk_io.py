"""Read and write many rows at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, models
from psycopg import ClientCursor, Cursor, ServerCursor, sql
from psycopg.postgres import types

DROP_COLUMNS = ("snapshot_id", "post_id", "step", "reason", "duplicate_of")


def copy_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Append rows to a model's table by binary COPY, in the open transaction.

    The driver gets the column types: as text, a row costs three times as much.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types_of(model, columns))
        for row in rows:
            copy.write_row(row)


def types_of(model: type[models.Model], columns: Sequence[str]) -> list[int]:
    """Return the PostgreSQL type oids of columns."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    # The length, as in varchar(16), doesn't matter.
    names = ((fields[column].db_type(connection) or "").partition("(")[0] for column in columns)
    return [types[name].oid for name in names]


def read_rows(queryset: models.QuerySet[Any], *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of a queryset in binary form, bypassing model instances.

    These and Django's conversions would take much of a build's time.
    """
    query = compile_sql(queryset, columns)
    with Cursor(connection.connection) as cursor:
        return cursor.execute(query, binary=True).fetchall()


def read_batches(
    queryset: models.QuerySet[Any], *columns: str, size: int
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the same in batches that fit a processor's cache."""
    query = compile_sql(queryset, columns)
    with Cursor(connection.connection) as cursor:
        cursor.execute(query, binary=True)
        while rows := cursor.fetchmany(size):
            yield rows


def stream_rows(
    queryset: models.QuerySet[Any], *columns: str, size: int
) -> Iterator[tuple[Any, ...]]:
    """Yield the same with at most `size` rows in memory. Needs an open transaction."""
    query = compile_sql(queryset, columns)
    with ServerCursor(connection.connection, "stream_rows") as cursor:
        cursor.itersize = size
        yield from cursor.execute(query, binary=True)


def compile_sql(queryset: models.QuerySet[Any], columns: Sequence[str]) -> bytes:
    """Return the SQL of a query with its parameters inlined.

    Django compiles for client-side binding, whose cursors read text only.
    """
    query, parameters = queryset.values_list(*columns).query.sql_with_params()
    connection.ensure_connection()
    return ClientCursor(connection.connection).mogrify(query, parameters).encode()


def analyze_tables(tables: Mapping[type[models.Model], Sequence[str]]) -> None:
    """Analyze freshly filled tables by the columns used in joins.

    For an unknown snapshot PostgreSQL expects one row, so any index looks as good as another: with
    50,000 rows it compared each post with every earlier one, four minutes instead of a second.
    """
    with connection.cursor() as cursor:
        for model, columns in tables.items():
            table, names = sql.Identifier(model._meta.db_table), map(sql.Identifier, columns)
            cursor.execute(sql.SQL("ANALYZE {} ({})").format(table, sql.SQL(", ").join(names)))
