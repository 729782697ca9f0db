from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from dataset_export import audit
from dataset_export.access.selectors import get_access_status
from dataset_export.access.tasks import notify_requesters
from dataset_export.access.terms import required_version
from dataset_export.models import AccessRequest, AccessTerms, AuditEntry

_State, _Act = AccessRequest.State, AuditEntry.Act
# Choices for the length of a grant, in days.
PERIODS = {30: "30 days", 90: "90 days", 365: "One year"}
DEFAULT_PERIOD = 365


class AccessError(Exception):
    """A request does not allow this action; the message says why."""


class TermsChangedError(AccessError):
    """The displayed terms are no longer valid."""


@transaction.atomic
def request_access(
    *,
    user: User,
    dataset: str,
    purpose: str,
    terms: AccessTerms,
    organisation: str = "",
    organisation_url: str = "",
) -> AccessRequest:
    """Request access to a dataset, agreeing to the displayed terms.

    Raises:
        TermsChangedError: those terms were materially changed. AccessError: the user has
        requested it already, or has lasting access.
    """
    require_current(terms)
    if not get_access_status(user, dataset).may_ask:
        raise AccessError("You have already requested access to this dataset.")
    try:
        with transaction.atomic():
            return AccessRequest.objects.create(
                user=user,
                dataset=dataset,
                purpose=purpose,
                terms=terms,
                organisation=organisation,
                organisation_url=organisation_url,
            )
    except IntegrityError as twice:
        raise AccessError("You have already requested access to this dataset.") from twice


@transaction.atomic
def agree_to_terms(*, request: AccessRequest, terms: AccessTerms) -> None:
    """Record agreement to newer terms by a grantee or requester."""
    require_current(terms)
    older = AccessRequest.objects.filter(pk=request.pk, terms__version__lt=terms.version)
    if older.update(terms=terms, agreed_at=timezone.now()):
        # The request names the user, and loses the name with the account.
        audit.record(actor=None, act=_Act.TERMS_AGREED, object=request, version=terms.version)


def require_current(terms: AccessTerms) -> None:
    if terms.version < required_version():
        raise TermsChangedError(
            "The terms have changed since you opened this page. Read the new ones, then agree again."
        )


@transaction.atomic
def grant_access(*, request: AccessRequest, by: User, days: int = DEFAULT_PERIOD) -> None:
    """Grant access for so many days from now.

    Raises:
        AccessError: it is the decider's own request, or it was decided already.
    """
    until = timezone.now() + timedelta(days=days)
    decide(request, by, state=_State.GRANTED, granted_until=until)
    audit.record(actor=by, act=_Act.ACCESS_GRANTED, object=request, until=until.isoformat())


@transaction.atomic
def refuse_access(*, request: AccessRequest, by: User, reason: str) -> None:
    """Reject a request with a reason for the requester."""
    decide(request, by, state=_State.REFUSED, reason=reason)
    audit.record(actor=by, act=_Act.ACCESS_REFUSED, object=request, reason=reason)


def decide(request: AccessRequest, by: User, **answer: Any) -> None:
    """Decide an open request; of concurrent decisions one succeeds."""
    forbid_self_decision(request, by)
    open_one = AccessRequest.objects.open().filter(pk=request.pk)
    if not open_one.update(decided_by=by, decided_at=timezone.now(), **answer):
        raise AccessError(f"Already decided: {outcome_label(request)}")
    notify_requester()


@transaction.atomic
def revoke_access(*, request: AccessRequest, by: User, reason: str) -> None:
    """Revoke a grant, and the user's other grants for the same dataset.

    Raises:
        AccessError: it is the decider's own, or it is not active.
    """
    forbid_self_decision(request, by)
    running = AccessRequest.objects.running().filter(dataset=request.dataset)
    theirs = (
        running.filter(user=request.user_id) if request.user_id else running.filter(pk=request.pk)
    )
    if not running.filter(pk=request.pk).exists() or not theirs.update(
        state=_State.REVOKED,
        revoked_by=by,
        revoked_at=timezone.now(),
        reason=reason,
        notified_at=None,
    ):
        raise AccessError(f"Nothing to revoke: {outcome_label(request)}")
    audit.record(actor=by, act=_Act.ACCESS_REVOKED, object=request, reason=reason)
    notify_requester()


def notify_requester() -> None:
    """Enqueue the notification of the requester; the sweep replaces lost messages."""
    transaction.on_commit(notify_requesters.delay, robust=True)


def forbid_self_decision(request: AccessRequest, by: User) -> None:
    if request.user_id == by.pk:
        raise AccessError("This is your own request. Someone else has to decide.")


def outcome_label(request: AccessRequest) -> str:
    """Describe the outcome of a request."""
    now = AccessRequest.objects.select_related("decided_by", "revoked_by").get(pk=request.pk)
    who = now.revoked_by or now.decided_by
    return f"{now.state_label.lower()}{f' by {who}' if who else ''}."
