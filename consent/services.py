from typing import Any

from django.db import transaction
from django.utils import timezone

from consent.models import ConsentEvent, Notice, Subject

Decision, Covers, Source, Scope = (
    ConsentEvent.Decision,
    ConsentEvent.Covers,
    ConsentEvent.Source,
    ConsentEvent.Scope,
)


class NotAnAdult(Exception):
    """A grant needs the statement that the person is 18 or older."""


def subject_of(user: Any) -> Subject:
    """Return the person's subject, made on first use."""
    return Subject.objects.get_or_create(user=user)[0]


@transaction.atomic
def attest_adult(*, user: Any) -> Subject:
    """Note that the person says to be 18 or older."""
    subject = subject_of(user)
    if subject.adult_attested_at is None:
        subject.adult_attested_at = timezone.now()
        subject.save(update_fields=["adult_attested_at"])
    return subject


@transaction.atomic
def decide(
    *,
    user: Any,
    purpose: str,
    decision: str,
    notice: Notice,
    source: str,
    covers: str = Covers.FROM_NOW,
    post_id: int | None = None,
) -> ConsentEvent:
    """Write one decision into the ledger and return it; saying the same again writes nothing.

    Whoever calls this for a post has checked that it is the person's own.

    Raises:
        NotAnAdult: a grant without the statement to be 18 or older.
    """
    subject = Subject.objects.select_for_update().get(pk=subject_of(user).pk)
    if decision == Decision.GRANTED and subject.adult_attested_at is None:
        raise NotAnAdult
    event = ConsentEvent(
        subject=subject.pk,
        scope=Scope.ACCOUNT if post_id is None else Scope.POST,
        post_id=post_id,
        purpose=purpose,
        decision=decision,
        covers=covers,
        notice=notice,
        source=source,
    )
    newest = newest_like(event)
    if newest is not None and says_the_same(newest, event):
        return newest
    event.seal().save(force_insert=True)
    return event


def newest_like(event: ConsentEvent) -> ConsentEvent | None:
    """Return the decision that `event` would replace."""
    return (
        ConsentEvent.objects.filter(
            subject=event.subject, scope=event.scope, post_id=event.post_id, purpose=event.purpose
        )
        .order_by("-position")
        .first()
    )


def says_the_same(old: ConsentEvent, new: ConsentEvent) -> bool:
    if old.decision != new.decision:
        return False
    return not new.is_grant or (old.covers == new.covers and old.notice_id == new.notice_id)
