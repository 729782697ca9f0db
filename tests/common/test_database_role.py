"""The site's role works with rows, and cannot switch off what protects the ledger."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction

from common.database_role import grant_site_role, is_unprotected
from consent.models import ConsentEvent
from dataset_export.erasure.vacuum import rewrite_staging
from posts.models import Post
from tests.factories import grant, post

ROLE = "commonplace_test_role"


@pytest.fixture
def as_site(db) -> Iterator[None]:
    """Run as the site does, until the transaction of the test ends; with it the role goes."""
    grant_site_role(ROLE, "it's secret")
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = 'replica'",
        "ALTER TABLE consent_consentevent DISABLE TRIGGER ALL",
        "DROP TRIGGER {trigger} ON consent_consentevent",
        "TRUNCATE consent_consentevent CASCADE",
        "DROP TABLE consent_consentevent CASCADE",
        "ALTER TABLE consent_consentevent OWNER TO CURRENT_USER",
        "TRUNCATE dataset_export_auditentry",
        "CREATE TABLE public.mine (id int)",
        "CREATE ROLE another SUPERUSER",
    ],
)
def test_site_role_may_not_touch_what_protects_the_ledger(alice, statement, as_site):
    ours = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'consent_consentevent'::regclass AND NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(ours)
        (trigger,) = cursor.fetchall()[0]
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            transaction.atomic(),
        ):
            cursor.execute(statement.format(trigger=trigger))


def test_site_role_meets_the_triggers_of_the_ledger(alice, as_site):
    event = grant(alice)
    for act in (
        lambda: ConsentEvent.objects.update(decision="withdrawn"),
        ConsentEvent.objects.all().delete,
    ):
        with pytest.raises(DatabaseError, match=r"append-only"), transaction.atomic():
            act()
    assert ConsentEvent.objects.get().decision == event.decision


def test_site_role_writes_and_erases_as_the_site_must(alice, as_site):
    made = post(alice, "Written by the site")
    Post.objects.filter(pk=made.pk).update(text="Changed")
    rewrite_staging()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE posts_post")
    assert not is_unprotected("consent_consentevent")


def test_owner_of_the_tables_is_told_that_nothing_is_protected(db):
    assert is_unprotected("consent_consentevent")
    assert not is_unprotected("no_such_table") or connection.settings_dict["USER"] == "postgres"


def test_granting_again_changes_nothing_and_brings_new_tables_in(db):
    grant_site_role(ROLE)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.made_later (id int)")
    grant_site_role(ROLE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'made_later', 'INSERT')", [ROLE])
        assert cursor.fetchone() == (True,)
