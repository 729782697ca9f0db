"""Compares the projection with the ledger."""

from dataclasses import dataclass
from typing import Literal

from django.db import connection, transaction

EXPECTED_STATE = """
SELECT DISTINCT ON (subject, purpose, post_id) subject, purpose, post_id, position
FROM consent_consentevent ORDER BY subject, purpose, post_id, position DESC
"""
STORED_STATE = "SELECT subject, purpose, post_id, event_id FROM consent_consentstate"
DIFFERENCES = f"""
WITH newest AS MATERIALIZED ({EXPECTED_STATE}), kept AS MATERIALIZED ({STORED_STATE})
SELECT 'missing', * FROM (SELECT * FROM newest EXCEPT SELECT * FROM kept) AS missing
UNION ALL
SELECT 'surplus', * FROM (SELECT * FROM kept EXCEPT SELECT * FROM newest) AS surplus
ORDER BY 2, 3, 4, 1
"""  # noqa: S608  both parts are constants
INSERT = f"INSERT INTO consent_consentstate (subject, purpose, post_id, event_id) {EXPECTED_STATE}"


@dataclass(frozen=True, slots=True)
class ProjectionMismatch:
    """A row that the projection lacks, or has and should not have."""

    kind: Literal["missing", "surplus"]
    subject: str
    purpose: str
    post_id: int | None
    position: int

    def __str__(self) -> str:
        about = "the account" if self.post_id is None else f"post {self.post_id}"
        return f"{self.kind}: {self.subject}, {self.purpose}, {about}, position {self.position}"


def find_mismatches() -> list[ProjectionMismatch]:
    """Return the differences between the projection and the ledger, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES)
        return [ProjectionMismatch(*row) for row in cursor.fetchall()]


@transaction.atomic
def rebuild() -> None:
    """Rebuild the projection from the ledger, while decisions are locked."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE consent_consentstate IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM consent_consentstate")
        cursor.execute(INSERT)
