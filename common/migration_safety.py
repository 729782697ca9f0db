"""System check: a migration that rewrites or locks a large table must say so.

Initial migrations create their tables and are exempt. For any later one, an operation on a table
of `LARGE_MODELS` that scans, rewrites or locks it for longer than a moment is an error, unless the
migration states why that is acceptable:

    class Migration(migrations.Migration):
        locks_large_tables = "Rewrites posts_post; takes about 1 s per 100,000 posts."
"""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db.migrations import Migration, RunPython, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    AlterUniqueTogether,
    RemoveField,
)
from django.db.migrations.operations.base import Operation
from django.db.models import ForeignKey
from django.db.models.fields import NOT_PROVIDED

LARGE_MODELS = {
    ("accounts", "user"),
    ("accounts", "follow"),
    ("consent", "consentevent"),
    ("consent", "consentstate"),
    ("dataset_export", "rowprovenance"),
    ("dataset_export", "droppedpost"),
    ("dataset_export", "shardchunk"),
    ("posts", "post"),
    ("posts", "like"),
    ("posts", "media"),
    ("posts", "postversion"),
    ("posts", "posthashtag"),
    ("timeline", "notification"),
    ("timeline", "searchentry"),
}
OUR_APPS = {app for app, _ in LARGE_MODELS} | {"common"}


def check_migration_safety(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each migration that locks a large table without stating it."""
    loader = MigrationLoader(None)
    return [
        Error(
            f"Migration {app}.{name} {problem}.",
            hint="Split it, do it concurrently, or set `locks_large_tables` with the reason.",
            id="commonplace.E100",
        )
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if app in OUR_APPS
        for problem in find_unsafe_operations(migration)
    ]


def find_unsafe_operations(migration: Migration) -> Iterator[str]:
    """Yield what a migration does to large tables that takes long or blocks writers."""
    if migration.initial or getattr(migration, "locks_large_tables", None):
        return
    for operation in migration.operations:
        if problem := describe_problem(migration.app_label, operation):
            yield problem


def describe_problem(app: str, operation: Operation) -> str:
    """Return why an operation is unsafe on a large table, or an empty string."""
    if isinstance(operation, RunSQL | RunPython):
        # What these touch cannot be told, but for files that only define functions and triggers.
        is_safe = getattr(operation, "replaces_code_only", False)
        return "" if is_safe else f"runs {type(operation).__name__}, which may take long"
    model = str(getattr(operation, "model_name", "")).lower()
    if (app, model) not in LARGE_MODELS:
        return ""
    # Subclasses, such as AddIndexConcurrently, are the safe forms.
    if type(operation) is AddIndex:
        return f"builds an index on {model} that blocks writers"
    if type(operation) is AddConstraint:
        return f"validates a constraint on {model} under a lock"
    if isinstance(operation, AlterUniqueTogether):
        return f"builds a unique index on {model} that blocks writers"
    if isinstance(operation, AlterField):
        return f"alters {model}.{operation.name}, which may rewrite the table"
    if isinstance(operation, AddField):
        return describe_added_field(model, operation)
    if isinstance(operation, RemoveField):
        return f"drops {model}.{operation.name}, which running servers still read"
    return ""


def describe_added_field(model: str, operation: AddField) -> str:
    field = operation.field
    if isinstance(field, ForeignKey):
        return f"adds {model}.{operation.name} with an index and a foreign key under a lock"
    if not field.null and field.db_default is NOT_PROVIDED:
        return f"adds {model}.{operation.name} without db_default, which old servers cannot insert"
    return ""
