"""Read the SQL files of the apps, and render docs/database-objects.md from them."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from common.advisory_locks import AdvisoryLock

_FUNCTION = re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)\(", re.MULTILINE)
_TRIGGER = re.compile(
    r"^CREATE OR REPLACE TRIGGER (\w+)\s+(.*?)\s+ON (\w+)\s(.*?)EXECUTE FUNCTION (\w+)\(",
    re.MULTILINE | re.DOTALL,
)
_HEADER = """# Database objects

What the database does by itself. This page is generated from the code by
`python manage.py describe_database`; a test holds it current.

Functions and triggers are defined in `<app>/sql/*.sql`, each once. Migrations run these files
(`common.sql_files.run_sql_file`), and a test compares them with the migrated database. To change
one, edit its file and add a migration that runs it again; to remove one, add a migration that
drops it and delete the file.
"""


class SqlFile(NamedTuple):
    path: str
    summary: str
    functions: list[str]
    triggers: list["Trigger"]


class Trigger(NamedTuple):
    name: str
    event: str
    table: str
    function: str


def read_sql_files() -> Iterator[SqlFile]:
    """Yield every SQL file of the apps with what it defines, by path."""
    root = Path(settings.BASE_DIR)
    for path in sorted(root.glob("*/sql/*.sql")):
        sql = path.read_text()
        triggers = [
            Trigger(name, " ".join(event.split()), table, function)
            for name, event, table, _, function in _TRIGGER.findall(sql)
        ]
        yield SqlFile(
            str(path.relative_to(root)), _leading_comment(sql), _FUNCTION.findall(sql), triggers
        )


def render_database_objects() -> str:
    """Return the page in Markdown."""
    files = list(read_sql_files())
    parts = [_HEADER, *_render_files(files), *_render_triggers(files), *_render_locks()]
    return "\n".join(parts) + "\n"


def _render_files(files: list[SqlFile]) -> Iterator[str]:
    yield "## Files\n\n| file | what it does |\n|---|---|"
    for file in files:
        yield f"| `{file.path}` | {file.summary} |"


def _render_triggers(files: list[SqlFile]) -> Iterator[str]:
    yield (
        "\n## Triggers\n\nTriggers of one event run in alphabetical order; triggers for each row"
        " run before those for each statement.\n\n| table | trigger | when | function |\n"
        "|---|---|---|---|"
    )
    triggers = [trigger for file in files for trigger in file.triggers]
    for trigger in sorted(triggers, key=lambda trigger: (trigger.table, trigger.name)):
        when = trigger.event.lower()
        yield f"| `{trigger.table}` | `{trigger.name}` | {when} | `{trigger.function}` |"


def _render_locks() -> Iterator[str]:
    yield (
        "\n## Advisory locks\n\nA transaction that takes several takes them in this order"
        " (`common.advisory_locks`).\n\n| namespace | guards |\n|---|---|"
    )
    comment: list[str] = []
    for line in inspect.getsource(AdvisoryLock).splitlines():
        text = line.strip()
        if text.startswith("#"):
            comment.append(text.lstrip("# "))
        elif match := re.match(r'[A-Z_]+ = "(\w+)"', text):
            if comment:
                guards, comment = " ".join(comment), []
            yield f"| `{match[1]}` | {guards} |"


def _leading_comment(sql: str) -> str:
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines).replace("|", "\\|")
