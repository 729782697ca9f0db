from django.db import OperationalError, connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from common.advisory_locks import AdvisoryLock, advisory_lock
from consent.notices import min_valid_versions
from consent.selectors import ledger_size
from dataset_export import audit
from dataset_export.builds.cleanup import erase
from dataset_export.builds.evaluation import UnknownEvaluationListError, lists_for
from dataset_export.builds.executor import advance_stage
from dataset_export.builds.planner import plan_stage
from dataset_export.models import AuditEntry, EvaluationList, Recipe, Snapshot
from dataset_export.models.snapshot import new_pseudonym_key
from posts.models import Post, PostVersion, Retraction

_State, _Act = Snapshot.State, AuditEntry.Act
# Publishing a post takes milliseconds; only bulk imports lock the table for longer.
WAIT_FOR_WRITERS = "10s"


class SnapshotError(Exception):
    """The snapshot doesn't allow this; the message says why and what to do."""


@transaction.atomic
def create_snapshot(
    *, name: str, purpose: str, recipe: Recipe, by: User | None, pseudonym_key: bytes | None = None
) -> Snapshot:
    """Create a draft, as the next version of an existing dataset.

    Versions share the pseudonym key, so that pseudonyms stay the same.
    """
    lock_dataset_name(name)
    earlier = Snapshot.objects.filter(name=name).order_by("-version").first()
    if earlier is not None and earlier.purpose != purpose:
        raise SnapshotError(
            gettext(
                "{name} is for {purpose}. A snapshot for another purpose needs another name."
            ).format(name=name, purpose=earlier.get_purpose_display())
        )
    validate_holdout_shares(name, recipe)
    made = Snapshot.objects.create(
        name=name,
        purpose=purpose,
        recipe=recipe,
        version=earlier.version + 1 if earlier else 1,
        pseudonym_key=pseudonym_key
        or (bytes(earlier.pseudonym_key) if earlier else new_pseudonym_key()),
        created_by=by,
    )
    audit.record(actor=by, act=_Act.SNAPSHOT_MADE, object=made, purpose=purpose, recipe=str(recipe))
    return made


def validate_holdout_shares(name: str, recipe: Recipe) -> None:
    """Refuse a recipe with smaller holdouts than earlier versions of the dataset had.

    Otherwise threads once held out for tests would move into training.
    """
    shares = recipe.steps().shares
    for earlier in Recipe.objects.filter(
        snapshots__name=name, snapshots__started_at__isnull=False
    ).distinct():
        for split, share in earlier.steps().shares.items():
            if shares.get(split, 0) < share:
                raise SnapshotError(
                    gettext(
                        "{recipe} held out {share} of the threads of {name} as {split}. With less, "
                        "texts of that split would go into training. Choose a recipe with at least "
                        "the same share, or another name."
                    ).format(recipe=earlier, share=f"{share:.2%}", name=name, split=split)
                )


def start_build(*, snapshot: Snapshot, by: User | None = None) -> Snapshot:
    """Fix the watermarks of a draft, enqueue its first stage and return it.

    Raises:
        SnapshotError: it isn't a draft, or posts are being imported.
    """
    return initialize_build(snapshot, current_watermarks(), by)


@transaction.atomic
def current_watermarks() -> dict[str, int]:
    """Return the current watermarks of posts, versions, retractions and ledger.

    Nothing appears below them later. In its own short transaction, as it blocks publishing.
    """
    wait_for_writers()
    return {
        "post_watermark": Post.objects.aggregate(newest=Max("pk"))["newest"] or 0,
        "version_watermark": PostVersion.objects.aggregate(newest=Max("pk"))["newest"] or 0,
        "retraction_watermark": Retraction.objects.aggregate(newest=Max("pk"))["newest"] or 0,
        "ledger_size": ledger_size(),
    }


@transaction.atomic
def initialize_build(snapshot: Snapshot, marks: dict[str, int], by: User | None = None) -> Snapshot:
    snapshot = lock_in_state(snapshot, _State.DRAFT)
    for name, mark in marks.items():
        setattr(snapshot, name, mark)
    snapshot.notice_version = min_valid_versions().get(snapshot.purpose, 0)
    snapshot.watermark_at = snapshot.started_at = timezone.now()
    snapshot.state, snapshot.stage = _State.BUILDING, Snapshot.Stage.PREPARE
    snapshot.save()
    pinned = evaluation_lists(snapshot.recipe)
    snapshot.evaluation_lists.set(pinned)
    audit.record(
        actor=by,
        act=_Act.BUILD_STARTED,
        object=snapshot,
        lists=[each.name for each in pinned],
        **marks,
    )
    plan_stage(snapshot, snapshot.stage)
    advance_stage(snapshot.pk)
    snapshot.refresh_from_db()
    return snapshot


def wait_for_writers() -> None:
    """Wait until every post that already has an id is committed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_FOR_WRITERS}'")
        try:
            cursor.execute(f"LOCK TABLE {Post._meta.db_table} IN SHARE MODE")
        except OperationalError as busy:
            raise SnapshotError(
                gettext("Posts are being imported. Start the build when that is done.")
            ) from busy


def evaluation_lists(recipe: Recipe) -> list[EvaluationList]:
    try:
        return lists_for(recipe.steps())
    except UnknownEvaluationListError as missing:
        raise SnapshotError(
            gettext("{error} Upload them, or choose another recipe.").format(error=missing)
        ) from missing


@transaction.atomic
def pause_build(*, snapshot: Snapshot, by: User | None = None) -> None:
    """Pause a build: running tasks finish, no others start."""
    snapshot = lock_in_state(snapshot, _State.BUILDING)
    snapshot.state = _State.PAUSED
    snapshot.save(update_fields=["state"])
    audit.record(actor=by, act=_Act.BUILD_PAUSED, object=snapshot)


@transaction.atomic
def resume_build(*, snapshot: Snapshot, by: User | None = None) -> None:
    """Resume a paused or failed build; finished tasks are not repeated."""
    snapshot = lock_in_state(snapshot, _State.FAILED, _State.PAUSED)
    snapshot.tasks.filter(done_at__isnull=True).update(
        attempts=0, error="", queued_at=None, begun_at=None
    )
    snapshot.state, snapshot.error = _State.BUILDING, ""
    snapshot.save(update_fields=["state", "error"])
    audit.record(actor=by, act=_Act.BUILD_RESUMED, object=snapshot)
    advance_stage(snapshot.pk)


def cancel_build(*, snapshot: Snapshot, by: User | None = None) -> None:
    """Cancel a build and erase its staged posts and files.

    In two transactions: a worker that finishes after the first sees the cancellation and erases
    its own output, the second sees the output of one that finished before.
    """
    mark_cancelled(snapshot, by)
    erase(snapshot.pk)


@transaction.atomic
def mark_cancelled(snapshot: Snapshot, by: User | None) -> None:
    snapshot = lock_in_state(snapshot, _State.BUILDING, _State.PAUSED, _State.FAILED, _State.DRAFT)
    snapshot.state = _State.CANCELLED
    snapshot.save(update_fields=["state"])
    audit.record(actor=by, act=_Act.BUILD_CANCELLED, object=snapshot)


def lock_dataset_name(name: str) -> None:
    """Lock a dataset against creating and publishing versions until the transaction ends."""
    advisory_lock(AdvisoryLock.DATASET_NAME, name)


def lock_in_state(snapshot: Snapshot, *states: str) -> Snapshot:
    """Return the snapshot with its row locked.

    Raises:
        SnapshotError: it is in none of the states.
    """
    snapshot = (
        Snapshot.objects.select_for_update(of=("self",))
        .select_related("recipe")
        .get(pk=snapshot.pk)
    )
    if snapshot.state not in states:
        raise SnapshotError(
            gettext("{snapshot} is {state}; that cannot be done now.").format(
                snapshot=snapshot, state=str(snapshot.get_state_display()).lower()
            )
        )
    return snapshot
