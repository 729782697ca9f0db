"""64-bit snowflake ids made in PostgreSQL: milliseconds since 1970 << 16 | sequence."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, F, Func

SEQUENCE_BITS = 16
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NextSnowflakeId(Func):
    """The next id, as a column default."""

    function = "common_next_snowflake_id"
    arity = 0
    output_field = BigIntegerField()


class SnowflakeTimestamp(Func):
    """The timestamp in an id, in milliseconds."""

    template = "to_timestamp((%(expressions)s >> 16) / 1000.0)"
    arity = 1
    output_field = DateTimeField()

    def __init__(self, id_column: str) -> None:
        super().__init__(F(id_column))


def next_id() -> int:
    """Return a new id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT common_next_snowflake_id()")
        return int(cursor.fetchone()[0])


def moment_of(pk: int) -> datetime:
    """Return the timestamp in an id, in milliseconds."""
    return EPOCH + timedelta(milliseconds=pk >> SEQUENCE_BITS)


def min_id_at(moment: datetime) -> int:
    """Return the lowest id of rows created at a time."""
    return int((moment - EPOCH) / timedelta(milliseconds=1)) << SEQUENCE_BITS


def time_of(pk: int) -> datetime:
    """Return the timestamp in an id, in milliseconds."""
    return EPOCH + timedelta(milliseconds=pk >> SEQUENCE_BITS)
