from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import OuterRef, Q, Subquery

from consent.models import ConsentEvent, Notice, Subject
from consent.notices import min_valid_versions

_Decisions = dict[str, ConsentEvent]


@dataclass(frozen=True, slots=True)
class ConsentStatus:
    """A user's decisions: for the account by purpose, and for posts by post and purpose."""

    adult: bool = False
    account: _Decisions = field(default_factory=dict)
    posts: dict[int, _Decisions] = field(default_factory=dict)
    required: dict[str, int] = field(default_factory=dict)

    def effective_decision(self, post_id: int, purpose: str) -> ConsentEvent | None:
        """Return the decision that applies to a post: its own, else the account's."""
        own = self.posts.get(post_id, {}).get(purpose)
        return self.account.get(purpose) if own is None or own.is_cleared else own

    def is_outdated(self, event: ConsentEvent) -> bool:
        """Tell whether a grant refers to terms that have materially changed since."""
        return event.is_grant and event.notice.version < self.required.get(event.purpose, 0)

    def needs_reconfirmation(self) -> list[str]:
        """Return the purposes whose account-wide grant is outdated."""
        return [
            purpose for purpose, event in sorted(self.account.items()) if self.is_outdated(event)
        ]

    def counts(self, event: ConsentEvent | None) -> bool:
        """Tell whether a decision is a grant that still counts."""
        return event is not None and event.is_grant and not self.is_outdated(event)


def ledger_size() -> int:
    """Return the number of ledger events, which is the next position."""
    newest = ConsentEvent.objects.order_by("-position").values_list("position", flat=True).first()
    return 0 if newest is None else newest + 1


def account_decisions(subject: Subject) -> _Decisions:
    """Return the account's newest decision for each decided purpose."""
    return list_decisions(subject, Q(state__post_id__isnull=True)).get(None, {})


def post_decisions(subject: Subject, post_ids: Collection[int]) -> dict[int | None, _Decisions]:
    """Return the newest decisions of posts, by post and purpose."""
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
    """Return the purposes with a grant for an individual post, which an account's withdrawal leaves
    valid.
    """
    granted = ConsentEvent.objects.filter(
        state__subject=subject.pk,
        state__post_id__isnull=False,
        decision=ConsentEvent.Decision.GRANTED,
    )
    required = min_valid_versions()
    versions = granted.values_list("purpose", "notice__version").distinct()
    return {purpose for purpose, version in versions if version >= required.get(purpose, 0)}


def get_consent_status(user_id: int, post_ids: Collection[int] = ()) -> ConsentStatus:
    """Return all decisions that affect these posts of a user, in at most two queries."""
    decided = get_decisions(user_id, post_ids)
    if decided.account or decided.posts:
        return decided
    return ConsentStatus(
        adult=Subject.objects.filter(user_id=user_id, adult_attested_at__isnull=False).exists()
    )


def get_decisions(user_id: int, post_ids: Collection[int] = ()) -> ConsentStatus:
    """Return a user's decisions for the account and these posts, in one query.

    Skips the age attestation of users without decisions.
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
