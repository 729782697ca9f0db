"""The site's PostgreSQL role: it reads and writes rows but cannot alter tables.

Triggers protect the ledger, and the owner of a table or a superuser could disable them.
"""

from collections.abc import Sequence

from django.apps import apps
from django.db import connection, models
from psycopg import sql

_ROWS = sql.SQL("SELECT, INSERT, UPDATE, DELETE, MAINTAIN")
# Truncated to free the disk from deleted rows (`dataset_export.erasure.vacuum`).
EMPTIED = ("dataset_export.StagedPost", "dataset_export.IntermediatePartition")
UNPROTECTED = """
SELECT rolsuper OR EXISTS (SELECT FROM pg_class WHERE oid = to_regclass(%s) AND pg_has_role(relowner, 'USAGE'))
FROM pg_roles WHERE rolname = current_user
"""


def grant_site_role(name: str, password: str | None = None) -> None:
    """Create the role if needed and grant it what the site needs; run as the owner of the
    tables.
    """
    role = sql.Identifier(name)
    with connection.cursor() as cursor:
        database = sql.Identifier(str(cursor.connection.info.dbname))
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [name])
        if cursor.rowcount == 0:
            cursor.execute(sql.SQL("CREATE ROLE {}").format(role))
        limits = sql.SQL("NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
        secret = sql.SQL("PASSWORD {}").format(sql.Literal(password)) if password else sql.SQL("")
        for statement in (
            sql.SQL("ALTER ROLE {role} LOGIN {limits} {secret}").format(
                role=role, limits=limits, secret=secret
            ),
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, role),
            sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
            sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA public TO {}").format(_ROWS, role),
            sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role),
            sql.SQL("GRANT TRUNCATE ON {} TO {}").format(_tables(EMPTIED), role),
            # Erasure waits until no transaction sees the rows any more.
            sql.SQL("GRANT pg_read_all_stats TO {}").format(role),
        ):
            cursor.execute(statement)


def is_unprotected(table: str) -> bool:
    """Tell whether this process could disable the triggers of a table."""
    with connection.cursor() as cursor:
        cursor.execute(UNPROTECTED, [table])
        (unprotected,) = cursor.fetchone()
    return bool(unprotected)


def _tables(names: Sequence[str]) -> sql.Composed:
    found: list[type[models.Model]] = [apps.get_model(name) for name in names]
    return sql.SQL(", ").join(sql.Identifier(table._meta.db_table) for table in found)
