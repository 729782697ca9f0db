"""Fill the ledger fast, and change it the way that its triggers forbid."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection

from accounts.models import User
from consent.models import ConsentEvent, Subject
from consent.purposes import Purpose
from consent.selectors import ledger_size
from tests.factories import grant

START = datetime(2026, 1, 1, tzinfo=UTC)


def fill(user: User, total: int) -> None:
    """Write decisions about posts until the ledger holds `total` events."""
    first = (
        ledger_size() and ConsentEvent.objects.select_related("notice").order_by("position").first()
    )
    first = first or ConsentEvent.objects.select_related("notice").get(pk=grant(user).position)
    subject = Subject.objects.get(user=user).pk
    ConsentEvent.objects.bulk_create(
        ConsentEvent(
            subject=subject,
            scope=ConsentEvent.Scope.POST,
            post_id=number,
            purpose=Purpose.PRETRAINING,
            decision=ConsentEvent.Decision.GRANTED,
            covers=ConsentEvent.Covers.FROM_NOW,
            notice=first.notice,
            source=ConsentEvent.Source.SETTINGS,
            at=START + timedelta(seconds=number),
        ).seal()
        for number in range(ledger_size(), total)
    )


def behind_the_triggers_back(statement: str, values: Sequence[object] = ()) -> None:
    """Do what only a superuser can: write with the triggers switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = 'replica'")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = 'origin'")
