"""Remove erased bytes from the disk.

PostgreSQL leaves deleted rows in its files until their space is reused. Only rewritten tables are
free of them, so they are rewritten as often as settings allow.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError, connection, models, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from common.advisory_locks import AdvisoryLock
from dataset_export.builds.locks import session_lock
from dataset_export.models import (
    HeldRow,
    IntermediatePartition,
    RowProvenance,
    ShardChunk,
    StagedPost,
    VacuumRequest,
)

Tables = VacuumRequest.Tables
STAGING, FILES = (StagedPost, IntermediatePartition), (ShardChunk, RowProvenance, HeldRow)
LOCK_TIMEOUT = "2s"
# A rewrite keeps dead rows that any snapshot in this database, or a standby with feedback,
# may still see, or that are newer than the oldest running writer of the whole server. The
# transaction of a request is no older than its erasure.
DEAD_ROWS_VISIBLE = """
SELECT EXISTS (
    SELECT FROM dataset_export_vacuumrequest asked
    WHERE asked.id = ANY(%s) AND (
        age(pg_snapshot_xmin(pg_current_snapshot())::xid) >= age(asked.xmin)
        OR EXISTS (
            SELECT FROM pg_stat_activity
            WHERE (datname = current_database() OR datname IS NULL)
                AND pid <> pg_backend_pid() AND age(backend_xmin) >= age(asked.xmin)
        )
        OR EXISTS (SELECT FROM pg_replication_slots WHERE age(xmin) >= age(asked.xmin))
    )
)
"""


class TablesBusyError(Exception):
    """The tables are in use; it is tried again later."""


def process_vacuum_requests() -> None:
    """Vacuum for all requests that are old enough.

    Raises:
        TaskNotAvailableError: another worker is at it.
    """
    with session_lock(AdvisoryLock.VACUUM):
        for tables, work in (Tables.STAGING, truncate_staging), (Tables.FILES, rewrite_files):
            since = timezone.now() - timedelta(seconds=settings.ERASURE_VACUUM_SECONDS)
            due = list(
                VacuumRequest.objects.filter(
                    tables=tables, done_at__isnull=True, asked_at__lte=since
                )
            )
            if not due:
                continue
            try:
                whole = work(due)
            except TablesBusyError:
                continue
            VacuumRequest.objects.filter(pk__in=[each.pk for each in due]).update(
                done_at=timezone.now(), whole=whole
            )


def truncate_staging(due: Sequence[VacuumRequest]) -> bool:
    """Truncate the staging tables, or rewrite them while a build uses them."""
    if any(table.objects.exists() for table in STAGING):
        return rewrite_tables(STAGING, due)
    rewrite_staging()
    return True


def rewrite_staging() -> None:
    names = ", ".join(table._meta.db_table for table in STAGING)
    with short_lock_timeout(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
        if any(table.objects.exists() for table in STAGING):
            raise TablesBusyError
        cursor.execute(f"TRUNCATE {names}")


def rewrite_files(due: Sequence[VacuumRequest]) -> bool:
    return rewrite_tables(FILES, due)


def rewrite_tables(tables: Sequence[type[models.Model]], due: Sequence[VacuumRequest]) -> bool:
    """Rewrite tables. Return False if one is too large and was only vacuumed."""
    whole = [rewrite_table(table, due) for table in tables]
    return all(whole)


def rewrite_table(table: type[models.Model], due: Sequence[VacuumRequest]) -> bool:
    name = table._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s)", [name])
        small = cursor.fetchone()[0] <= settings.ERASURE_VACUUM_FULL_MAX_BYTES
        if not small:
            cursor.execute(f"VACUUM {name}")
            return False
        cursor.execute(DEAD_ROWS_VISIBLE, [[each.pk for each in due]])
        if cursor.fetchone()[0]:
            raise TablesBusyError
        with short_lock_timeout():
            cursor.execute(f"VACUUM FULL {name}")
    return True


@contextmanager
def short_lock_timeout() -> Iterator[None]:
    """Give up a busy table soon, as others would queue behind the lock request.

    Raises:
        TablesBusyError: the table could not be locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise TablesBusyError from error
        raise
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
