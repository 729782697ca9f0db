from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import OuterRef, Q, Subquery

from consent.models import ConsentEvent, Notice, Subject
from consent.notices import min_valid_versions

_Decisions = dict[str, ConsentEvent]


@dataclass(frozen=True, slots=True)
class ConsentStatus:
    """What one person has decided: for the account, by purpose, and for single posts, by post and purpose."""

    adult: bool = False
    account: _Decisions = field(default_factory=dict)
    posts: dict[int, _Decisions] = field(default_factory=dict)
    required: dict[str, int] = field(default_factory=dict)

    def effective_decision(self, post_id: int, purpose: str) -> ConsentEvent | None:
        """Return the decision that counts for a post: its own, else the account's."""
        own = self.posts.get(post_id, {}).get(purpose)
        return self.account.get(purpose) if own is None or own.is_cleared else own

    def is_outdated(self, event: ConsentEvent) -> bool:
        """Say whether a yes was given to words that have changed materially since."""
        return event.is_grant and event.notice.version < self.required.get(event.purpose, 0)

    def needs_reconfirmation(self) -> list[str]:
        """Return the purposes to which the account said yes in words that have changed materially since."""
        return [
            purpose for purpose, event in sorted(self.account.items()) if self.is_outdated(event)
        ]

    def counts(self, event: ConsentEvent | None) -> bool:
        """Say whether a decision is a yes that still counts."""
        return event is not None and event.is_grant and not self.is_outdated(event)


def ledger_size() -> int:
    """Return how many events the ledger holds, which is the position that the next one gets."""
    newest = ConsentEvent.objects.order_by("-position").values_list("position", flat=True).first()
    return 0 if newest is None else newest + 1


def account_decisions(subject: Subject) -> _Decisions:
    """Return the newest decision of the account for each purpose that was ever decided."""
    return list_decisions(subject, Q(state__post_id__isnull=True)).get(None, {})


def post_decisions(subject: Subject, post_ids: Collection[int]) -> dict[int | None, _Decisions]:
    """Return the newest decision for each post and purpose; posts without one are left out."""
    return list_decisions(subject, Q(state__post_id__in=post_ids))


def list_decisions(subject: Subject, which: Q) -> dict[int | None, _Decisions]:
    """Return the newest decisions by post (None: the account) and purpose, in one query."""
    found: dict[int | None, _Decisions] = {}
    for event in ConsentEvent.objects.filter(which, state__subject=subject.pk).select_related(
        "notice"
    ):
        found.setdefault(event.post_id, {})[event.purpose] = event
    return found


def purposes_with_post_grants(subject: Subject) -> set[str]:
    """Return the purposes for which a post has a yes of its own, which a no of the account leaves alone."""
    granted = ConsentEvent.objects.filter(
        state__subject=subject.pk,
        state__post_id__isnull=False,
        decision=ConsentEvent.Decision.GRANTED,
    )
    required = min_valid_versions()
    versions = granted.values_list("purpose", "notice__version").distinct()
    return {purpose for purpose, version in versions if version >= required.get(purpose, 0)}


def get_consent_status(user_id: int, post_ids: Collection[int] = ()) -> ConsentStatus:
    """Return all that bears on these posts of one person, in two queries at the most."""
    decided = get_decisions(user_id, post_ids)
    if decided.account or decided.posts:
        return decided
    return ConsentStatus(
        adult=Subject.objects.filter(user_id=user_id, adult_attested_at__isnull=False).exists()
    )


def get_decisions(user_id: int, post_ids: Collection[int] = ()) -> ConsentStatus:
    """Return what one person has decided for the account and these posts, in one query.

    Whether somebody who has decided nothing is an adult is not asked.
    """
    person = Subject.objects.filter(user_id=user_id)
    material = Notice.objects.filter(is_material=True, purpose=OuterRef("purpose")).order_by(
        "-version"
    )
    events = ConsentEvent.objects.filter(
        Q(state__post_id__isnull=True) | Q(state__post_id__in=post_ids),
        state__subject=Subquery(person.values("pk")),
    ).annotate(
        attested_at=Subquery(person.values("adult_attested_at")),
        required=Subquery(material.values("version")[:1]),
    )
    found: dict[int | None, _Decisions] = {}
    adult, required = False, {}
    for event in events.select_related("notice"):
        found.setdefault(event.post_id, {})[event.purpose] = event
        adult, required[event.purpose] = event.attested_at is not None, event.required or 0
    account = found.pop(None, {})
    return ConsentStatus(
        adult, account, {pk: own for pk, own in found.items() if pk is not None}, required
    )
