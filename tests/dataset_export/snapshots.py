"""Snapshots as far along as a test wants them, built by the code that builds them on the site."""

from typing import Any

from accounts.models import User
from accounts.services import create_token
from dataset_export.builds.executor import process_next_task
from dataset_export.builds.services import start_build
from dataset_export.models import Recipe, Snapshot
from dataset_export.pipeline.recipe import PRETRAINING_DEFAULT, SPLIT
from dataset_export.publication.services import approve_and_publish
from tests.factories import person, recipe, snapshot


def built(name: str = "words", **fields) -> Snapshot:
    """Return a snapshot that stands in review."""
    made = start_build(snapshot=snapshot(name, **fields))
    while process_next_task(made.pk):
        pass
    made.refresh_from_db()
    assert made.state == Snapshot.State.IN_REVIEW, made.error
    return made


def published(name: str = "words", **fields) -> Snapshot:
    made = built(name, **fields)
    approve_and_publish(snapshot=made, by=person(), manifest_sha256=made.manifest_sha256)
    made.refresh_from_db()
    return made


def in_train(shard_rows: int, data: dict[str, Any] = PRETRAINING_DEFAULT) -> Recipe:
    """Return a recipe that holds nothing out, for tests that count on the place of each row."""
    return recipe(
        shard_rows, {**data, "steps": [step for step in data["steps"] if step["step"] != SPLIT]}
    )


def in_state(state: str, name: str = "words") -> Snapshot:
    """Return a built snapshot that was put into any state."""
    made = built(name)
    if state == Snapshot.State.DRAFT:
        made.tasks.all().delete()
    approved = state in ("published", "superseded")
    fields = {"approved_at": made.built_at, "published_at": made.built_at} if approved else {}
    Snapshot.objects.filter(pk=made.pk).update(state=state, **fields)
    made.refresh_from_db()
    return made


def bearer(user: User, *scopes: str) -> dict[str, str]:
    """Return the headers with which a program of this person comes."""
    return {"Authorization": f"Bearer {create_token(user=user, name='laptop', scopes=scopes)}"}
