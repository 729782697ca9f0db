"""The SQL files define exactly what a migrated database holds."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from common.database_objects import read_sql_files, render_database_objects

FUNCTIONS = """
SELECT proname, pg_get_functiondef(oid) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace ORDER BY proname
"""
TRIGGERS = """
SELECT tgrelid::regclass::text, tgname, proname, pg_get_triggerdef(pg_trigger.oid) FROM pg_trigger
JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal ORDER BY 1, 2
"""


def fetch(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_sql_files_define_each_function_once(db):
    defined = [name for file in read_sql_files() for name in file.functions]
    assert len(defined) > 40
    assert sorted(defined) == [name for name, _ in fetch(FUNCTIONS)]


def test_sql_files_define_each_trigger_once(db):
    defined = [
        (trigger.table, trigger.name, trigger.function)
        for file in read_sql_files()
        for trigger in file.triggers
    ]
    assert len(defined) > 40
    assert sorted(defined) == [row[:3] for row in fetch(TRIGGERS)]


def test_running_the_sql_files_again_changes_nothing(db):
    before = fetch(FUNCTIONS), fetch(TRIGGERS)
    with connection.cursor() as cursor:
        for file in read_sql_files():
            cursor.execute((Path(settings.BASE_DIR) / file.path).read_text())
    assert (fetch(FUNCTIONS), fetch(TRIGGERS)) == before


@pytest.mark.parametrize("file", list(read_sql_files()), ids=lambda file: file.path)
def test_sql_file_says_what_it_does(file):
    assert len(file.summary) > 20
    name = Path(file.path).stem
    assert not file.functions or name in file.functions or file.triggers


def test_page_on_database_objects_is_current():
    page = Path(settings.BASE_DIR) / "docs" / "database-objects.md"
    assert page.read_text() == render_database_objects()
