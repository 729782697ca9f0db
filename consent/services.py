import uuid
from collections.abc import Collection, Iterable
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from common.advisory_locks import AdvisoryLock, advisory_lock
from consent.models import BulkDecision, ConsentEvent, Notice, Subject
from consent.notices import current_notices
from consent.purposes import Purpose
from consent.seals import seal_subject
from consent.selectors import account_decisions, ledger_size, post_decisions

_Decision, _Covers, Source, _Scope = (
    ConsentEvent.Decision,
    ConsentEvent.Covers,
    ConsentEvent.Source,
    ConsentEvent.Scope,
)
# A choice for a post: follow the settings, never, or a set of purposes.
Choice = Literal["settings", "never"] | frozenset[str]


class AgeAttestationRequiredError(Exception):
    """A grant requires attesting to be 18 or older."""


class BulkUndoError(Exception):
    """The bulk decision was undone already, or belongs to someone else."""


def get_or_create_subject(user: Any) -> Subject:
    """Return the user's subject, created on first use."""
    try:
        return Subject.objects.get(user=user)
    except Subject.DoesNotExist:
        subject_id = uuid.uuid4()
        defaults = {"id": subject_id, "seal": seal_subject(subject_id, user.pk)}
        return Subject.objects.get_or_create(user=user, defaults=defaults)[0]


def lock_subject(user: Any) -> Subject:
    """Return the user's subject with its row locked, which serializes their decisions."""
    return Subject.objects.select_for_update().get(pk=get_or_create_subject(user).pk)


@transaction.atomic
def record_age_attestation(*, user: Any) -> Subject:
    """Record that the user attests to be 18 or older."""
    subject = lock_subject(user)
    if subject.adult_attested_at is None:
        subject.adult_attested_at = timezone.now()
        subject.save(update_fields=["adult_attested_at"])
    return subject


@transaction.atomic
def mark_prompted(*, user: Any) -> None:
    """Record that the user was prompted at sign-up."""
    subject = lock_subject(user)
    subject.asked_at = timezone.now()
    subject.save(update_fields=["asked_at"])


def record_decision(
    *,
    user: Any,
    purpose: str,
    decision: str,
    notice: Notice,
    source: str,
    covers: str = _Covers.FROM_NOW,
    post_id: int | None = None,
    app: str = "",
) -> ConsentEvent:
    """Append a decision to the ledger and return it; a repeated grant returns the existing event.

    Callers check that a post is the user's own. The insert is the only statement of its transaction
    unless the caller opened one, so the ledger lock is held for one row and one flush.

    Raises:
        AgeAttestationRequiredError: a grant without attesting to be 18 or older.
    """
    subject = get_or_create_subject(user)
    event = ConsentEvent(
        subject=subject.pk,
        scope=_Scope.ACCOUNT if post_id is None else _Scope.POST,
        post_id=post_id,
        purpose=purpose,
        decision=decision,
        covers=covers,
        notice=notice,
        source=source,
        app=app,
    )
    require_adult(subject, [event])
    newest = current_decision(event)
    if newest is not None and is_duplicate(newest, event):
        return newest
    event.seal().save(force_insert=True)
    return event


def require_adult(subject: Subject, events: Iterable[ConsentEvent]) -> None:
    if subject.adult_attested_at is None and any(event.is_grant for event in events):
        raise AgeAttestationRequiredError


def current_decision(event: ConsentEvent) -> ConsentEvent | None:
    """Return the decision that `event` would replace."""
    return (
        ConsentEvent.objects.filter(
            state__subject=event.subject, state__post_id=event.post_id, state__purpose=event.purpose
        )
        .order_by("-position")
        .first()
    )


def is_duplicate(old: ConsentEvent, new: ConsentEvent) -> bool:
    # Always append a withdrawal: a concurrent grant waiting for the ledger lock is not visible yet
    # and would otherwise be ordered after it.
    if old.decision != new.decision or new.decision == _Decision.WITHDRAWN:
        return False
    return not new.is_grant or (old.covers == new.covers and old.notice_id == new.notice_id)


@transaction.atomic
def record_post_decisions(
    *, user: Any, post_ids: Collection[int], choice: Choice, source: str, app: str = ""
) -> list[ConsentEvent]:
    """Record one choice for many of the user's posts; return the new events, if any.

    Raises:
        AgeAttestationRequiredError: a grant without attesting to be 18 or older.
    """
    subject = lock_subject(user)
    notices = current_notices()
    lock_ledger()
    standing = post_decisions(subject, post_ids)
    events = [
        ConsentEvent(
            subject=subject.pk,
            scope=_Scope.POST,
            post_id=post_id,
            purpose=purpose,
            decision=decision_for_choice(choice, purpose),
            covers=_Covers.EVERYTHING,
            notice=notices[purpose],
            source=source,
            app=app,
        )
        for post_id in sorted(post_ids)
        for purpose in Purpose.values
        if is_change(standing.get(post_id, {}).get(purpose), decision_for_choice(choice, purpose))
    ]
    require_adult(subject, events)
    return append_events(events)


def append_events(events: list[ConsentEvent]) -> list[ConsentEvent]:
    """Append events in order, adjacent because the caller holds the ledger lock."""
    ConsentEvent.objects.bulk_create([event.seal() for event in events])
    size = ledger_size()
    for position, event in enumerate(events, size - len(events)):
        event.position = position
    return events


def decision_for_choice(choice: Choice, purpose: str) -> str:
    """Return the decision that a choice means for a purpose."""
    if choice == "never":
        return _Decision.WITHDRAWN
    return _Decision.GRANTED if purpose in choice and choice != "settings" else _Decision.CLEARED


def is_change(present: ConsentEvent | None, decision: str) -> bool:
    return (_Decision.CLEARED if present is None else present.decision) != decision


@transaction.atomic
def decide_in_bulk(
    *, user: Any, post_ids: Collection[int], choice: Choice, description: str
) -> BulkDecision | None:
    """Record one choice for many posts as an undoable unit; None if nothing changes."""
    events = record_post_decisions(
        user=user, post_ids=post_ids, choice=choice, source=Source.SETTINGS
    )
    if not events:
        return None
    return BulkDecision.objects.create(
        subject=events[0].subject,
        first=events[0],
        last=events[-1],
        description=description,
        posts=len({event.post_id for event in events}),
    )


@transaction.atomic
def undo_bulk(*, user: Any, bulk: BulkDecision) -> None:
    """Undo a bulk decision, except where a newer decision exists.

    Raises:
        BulkUndoError: it was undone already, or belongs to someone else.
    """
    subject = lock_subject(user)
    open_bulk = BulkDecision.objects.filter(pk=bulk.pk, subject=subject.pk, undone_at__isnull=True)
    if not open_bulk.update(undone_at=timezone.now()):
        raise BulkUndoError("This was taken back already.")
    made = ConsentEvent.objects.filter(
        subject=subject.pk, position__range=(bulk.first_id, bulk.last_id), state__isnull=False
    ).select_related("notice")
    before = previous_post_decisions(subject, bulk.first_id)
    append_events(
        [
            build_restore_event(event, before.get((event.post_id, event.purpose)))
            for event in made.order_by("position")
        ]
    )


def previous_post_decisions(
    subject: Subject, position: int
) -> dict[tuple[int | None, str], ConsentEvent]:
    """Return a user's decisions by post and purpose as of a ledger size."""
    events = ConsentEvent.objects.filter(
        subject=subject.pk, scope=_Scope.POST, position__lt=position
    )
    newest = events.order_by("post_id", "purpose", "-position").distinct("post_id", "purpose")
    return {(event.post_id, event.purpose): event for event in newest.select_related("notice")}


def build_restore_event(event: ConsentEvent, earlier: ConsentEvent | None) -> ConsentEvent:
    """Return a new event that restores the decision before this one."""
    return ConsentEvent(
        subject=event.subject,
        scope=_Scope.POST,
        post_id=event.post_id,
        purpose=event.purpose,
        decision=earlier.decision if earlier else _Decision.CLEARED,
        covers=_Covers.EVERYTHING,
        notice=earlier.notice if earlier else event.notice,
        source=Source.SETTINGS,
    )


@transaction.atomic
def withdraw_all(*, user: Any) -> list[ConsentEvent]:
    """Withdraw every purpose, every grant for a post, and pending choices of scheduled posts."""
    subject = lock_subject(user)
    subject.withdrew_all_at = timezone.now()
    subject.save(update_fields=["withdrew_all_at"])
    lock_ledger()
    account = account_decisions(subject)
    of_posts = ConsentEvent.objects.filter(
        state__subject=subject.pk, state__post_id__isnull=False, decision=_Decision.GRANTED
    )
    granted = [event for event in account.values() if event.is_grant]
    granted += of_posts.select_related("notice").order_by("position")
    # Undoing an earlier bulk decision would restore grants from before this withdrawal.
    BulkDecision.objects.filter(subject=subject.pk, undone_at__isnull=True).update(
        undone_at=timezone.now()
    )
    return append_events([build_withdrawal(event) for event in granted])


def lock_ledger() -> None:
    """Lock the ledger: wait for concurrent writers, so that their events are visible, and block new
    ones.
    """
    advisory_lock(AdvisoryLock.CONSENT_LEDGER)


def build_withdrawal(event: ConsentEvent) -> ConsentEvent:
    """Return a new event that withdraws a grant."""
    return ConsentEvent(
        subject=event.subject,
        scope=event.scope,
        post_id=event.post_id,
        purpose=event.purpose,
        decision=_Decision.WITHDRAWN,
        covers=_Covers.EVERYTHING,
        notice=event.notice,
        source=Source.SETTINGS,
    )
