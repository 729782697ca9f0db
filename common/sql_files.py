"""Migration operation that runs a file of SQL: triggers and functions live in `<app>/sql/`."""

import re
from pathlib import Path

from django.db.migrations import RunSQL

# Statements at the margin; those inside of functions are indented.
_TOUCHES_TABLES = re.compile(r"^(ALTER TABLE|CREATE INDEX|DELETE|INSERT|UPDATE)", re.MULTILINE)
_ROOT = Path(__file__).resolve().parent.parent


def run_sql_file(app: str, name: str) -> RunSQL:
    """Return an operation that runs `<app>/sql/<name>.sql`, the only definition of its objects.

    A changed file needs a new migration that runs it again. Files are idempotent
    (`CREATE OR REPLACE`), so a fresh database may run the newest text more than once.
    """
    sql = (_ROOT / app / "sql" / f"{name}.sql").read_text()
    # An SQL function may name columns that a later migration adds.
    operation = RunSQL(f"SET LOCAL check_function_bodies = off;\n{sql}", RunSQL.noop)
    operation.replaces_code_only = not _TOUCHES_TABLES.search(sql)  # type: ignore[attr-defined]
    return operation
