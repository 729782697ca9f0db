"""The audit log: every act is in it, with who and what, and nobody changes it."""

from datetime import timedelta

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.utils import timezone

from dataset_export import audit
from dataset_export.access.services import grant_access, refuse_access, revoke_access
from dataset_export.builds import services
from dataset_export.builds.recipes import ensure_recipes
from dataset_export.models import AuditEntry, Snapshot
from dataset_export.publication.services import (
    approve_and_publish,
    reject_snapshot,
    withdraw_snapshot,
)
from tests.dataset_export.grants import asked
from tests.dataset_export.snapshots import built, in_state
from tests.factories import person, snapshot

LOG = "/admin/dataset_export/auditentry"


@pytest.fixture
def entry(alice) -> AuditEntry:
    return audit.record(
        actor=alice, act=AuditEntry.Act.SNAPSHOT_MADE, object=snapshot(), why="because"
    )


def newest() -> AuditEntry:
    return AuditEntry.objects.order_by("-pk")[0]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dataset_export_auditentry SET actor = 'somebody else'",
        "UPDATE dataset_export_auditentry SET id = id + 1",
        "DELETE FROM dataset_export_auditentry",
        "TRUNCATE dataset_export_auditentry",
        "TRUNCATE dataset_export_auditentry CASCADE",
    ],
)
def test_the_database_refuses_to_change_what_is_written(entry, statement):
    before = list(AuditEntry.objects.values())
    connection.check_constraints()
    with (
        pytest.raises(Error, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(AuditEntry.objects.values()) == before


def test_an_entry_outlives_the_person_and_the_object(alice, entry):
    number = alice.pk
    Snapshot.objects.all().delete()
    alice.delete()
    kept = AuditEntry.objects.get(pk=entry.pk)
    assert (kept.actor, kept.actor_id, kept.object_label) == ("alice", number, "words, version 1")
    assert (kept.object_type, kept.detail) == ("snapshot", {"why": "because"})


def test_what_is_rolled_back_was_not_done(alice):
    made = snapshot()
    before = AuditEntry.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.start_build(snapshot=made, by=alice)
        raise ZeroDivisionError
    assert AuditEntry.objects.count() == before


SNAPSHOT_ACTS = {
    "draft": (
        "build_started",
        lambda made, by: services.start_build(snapshot=made, by=by),
        {"ledger_size"},
    ),
    "failed": (
        "build_resumed",
        lambda made, by: services.resume_build(snapshot=made, by=by),
        set(),
    ),
    "building": (
        "build_cancelled",
        lambda made, by: services.cancel_build(snapshot=made, by=by),
        set(),
    ),
    "in_review": (
        "snapshot_rejected",
        lambda made, by: reject_snapshot(snapshot=made, by=by, reason="Too little"),
        {"reason"},
    ),
    "published": (
        "snapshot_withdrawn",
        lambda made, by: withdraw_snapshot(snapshot=made, by=by),
        set(),
    ),
}


@pytest.mark.parametrize("state", SNAPSHOT_ACTS)
def test_each_act_on_a_snapshot_is_noted(alice, state):
    act, perform, details = SNAPSHOT_ACTS[state]
    made = in_state(state)
    perform(made, alice)
    assert (newest().act, newest().actor, newest().object_id) == (act, "alice", str(made.pk))
    assert details <= set(newest().detail)


def test_an_approval_is_noted_with_what_was_approved(alice):
    made = built()
    approve_and_publish(snapshot=made, by=alice, manifest_sha256=made.manifest_sha256)
    entry = AuditEntry.objects.get(act="snapshot_approved")
    assert (entry.actor, entry.detail["manifest_sha256"]) == ("alice", made.manifest_sha256)


def test_an_act_that_is_refused_is_not_noted(alice):
    made = built(by=alice)
    before = AuditEntry.objects.count()
    with pytest.raises(services.SnapshotError):
        approve_and_publish(snapshot=made, by=alice, manifest_sha256=made.manifest_sha256)
    assert AuditEntry.objects.count() == before


def test_decisions_on_access_are_noted(alice, bob, charlie):
    request = asked(bob)
    grant_access(request=request, by=alice, days=30)
    assert (newest().act, newest().actor, newest().object_id) == (
        "access_granted",
        "alice",
        str(request.pk),
    )
    until = timezone.now() + timedelta(days=30)
    assert newest().detail["until"].startswith(until.date().isoformat())
    revoke_access(request=request, by=alice, reason="Passed on.")
    assert (newest().act, newest().detail) == ("access_revoked", {"reason": "Passed on."})
    refuse_access(request=asked(charlie), by=alice, reason="Too little.")
    assert (newest().act, newest().detail) == ("access_refused", {"reason": "Too little."})
    # Who asked can be erased; what is never erased does not name them.
    assert "bob" not in str(list(AuditEntry.objects.values()))


def test_what_a_command_makes_has_no_actor(db):
    ensure_recipes()
    assert (newest().act, newest().actor, newest().actor_id) == ("recipe_made", "", None)


def test_nobody_edits_it_in_the_admin(entry):
    root = Client()
    root.force_login(person("root", is_staff=True, is_superuser=True))
    page = root.get(f"{LOG}/")
    assert "words, version 1" in page.content.decode()
    assert "delete_selected" not in page.content.decode()
    assert root.get(f"{LOG}/{entry.pk}/change/").status_code == 200
    assert root.get(f"{LOG}/add/").status_code == 403
    assert root.post(f"{LOG}/{entry.pk}/change/", {"actor": "nobody"}).status_code == 403
    assert root.post(f"{LOG}/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert (
        root.post(
            f"{LOG}/", {"action": "delete_selected", "_selected_action": [entry.pk]}
        ).status_code
        == 200
    )
    assert AuditEntry.objects.get(pk=entry.pk).actor == "alice"
    assert (
        root.get(f"{LOG}/", {"act": "snapshot_made", "object_type": "snapshot"}).status_code == 200
    )
