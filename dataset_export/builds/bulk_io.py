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
    """Append rows to a model's table by COPY, in the transaction that is open.

    In binary form, for which the driver is told the types of the columns: as text a row costs it three times as much.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types_of(model, columns))
        for row in rows:
            copy.write_row(row)


def types_of(model: type[models.Model], columns: Sequence[str]) -> list[int]:
    """Return the numbers by which PostgreSQL knows the types of columns."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    # As in varchar(16), of which the length is no matter.
    names = ((fields[column].db_type(connection) or "").partition("(")[0] for column in columns)
    return [types[name].oid for name in names]


def read_rows(queryset: models.QuerySet[Any], *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of a queryset as the driver reads them, in binary form.

    A build would spend much of its time in the making of model objects and in Django's own conversions.
    """
    query = compile_sql(queryset, columns)
    with Cursor(connection.connection) as cursor:
        return cursor.execute(query, binary=True).fetchall()


def read_batches(
    queryset: models.QuerySet[Any], *columns: str, size: int
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the same, so many rows at a time: what is worked on together then fits a processor's cache."""
    query = compile_sql(queryset, columns)
    with Cursor(connection.connection) as cursor:
        cursor.execute(query, binary=True)
        while rows := cursor.fetchmany(size):
            yield rows


def stream_rows(
    queryset: models.QuerySet[Any], *columns: str, size: int
) -> Iterator[tuple[Any, ...]]:
    """Yield the same, and have no more than `size` rows in memory. Needs the transaction that is open."""
    query = compile_sql(queryset, columns)
    with ServerCursor(connection.connection, "stream_rows") as cursor:
        cursor.itersize = size
        yield from cursor.execute(query, binary=True)


def compile_sql(queryset: models.QuerySet[Any], columns: Sequence[str]) -> bytes:
    """Return a query with its parameters put in: Django compiles for a client that does so, whose cursors know text."""
    query, parameters = queryset.values_list(*columns).query.sql_with_params()
    connection.ensure_connection()
    return ClientCursor(connection.connection).mogrify(query, parameters).encode()


def analyze_tables(tables: Mapping[type[models.Model], Sequence[str]]) -> None:
    """Have PostgreSQL look at tables that were just filled, and there at the columns by which rows are found.

    Of a snapshot that it has not seen yet it expects one row, so that one index looks to it as good as another: with
    50,000 rows it compared every post with every earlier one, four minutes in place of a second.
    """
    with connection.cursor() as cursor:
        for model, columns in tables.items():
            table, names = sql.Identifier(model._meta.db_table), map(sql.Identifier, columns)
            cursor.execute(sql.SQL("ANALYZE {} ({})").format(table, sql.SQL(", ").join(names)))
