"""64-bit ids in the order of time, made in PostgreSQL: milliseconds since 1970 << 16 | a running number."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import BigIntegerField, DateTimeField, F, Func

SEQUENCE_BITS = 16
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NextSnowflakeId(Func):
    """The database's next id, as a column default."""

    function = "common_next_snowflake_id"
    arity = 0
    output_field = BigIntegerField()


class SnowflakeTimestamp(Func):
    """The moment in an id, to the millisecond."""

    template = "to_timestamp((%(expressions)s >> 16) / 1000.0)"
    arity = 1
    output_field = DateTimeField()

    def __init__(self, id_column: str) -> None:
        super().__init__(F(id_column))


def next_id() -> int:
    """Draw one id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT common_next_snowflake_id()")
        return int(cursor.fetchone()[0])


def moment_of(pk: int) -> datetime:
    """Return the moment in an id, to the millisecond."""
    return EPOCH + timedelta(milliseconds=pk >> SEQUENCE_BITS)


def min_id_at(moment: datetime) -> int:
    """Return the least id that a row made at `moment` may have."""
    return int((moment - EPOCH) / timedelta(milliseconds=1)) << SEQUENCE_BITS


def time_of(pk: int) -> datetime:
    """Return the moment in an id, to the millisecond."""
    return EPOCH + timedelta(milliseconds=pk >> SEQUENCE_BITS)
