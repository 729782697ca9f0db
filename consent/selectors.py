from collections.abc import Collection
from dataclasses import dataclass, field

from consent.models import ConsentEvent, Subject

Decisions = dict[str, ConsentEvent]


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person has decided: for the account, by purpose, and for single posts, by post and purpose."""

    adult: bool = False
    account: Decisions = field(default_factory=dict)
    posts: dict[int, Decisions] = field(default_factory=dict)


def ledger_size() -> int:
    """Return how many events the ledger holds, which is the position that the next one gets."""
    newest = ConsentEvent.objects.order_by("-position").values_list("position", flat=True).first()
    return 0 if newest is None else newest + 1


def account_decisions(subject: Subject) -> Decisions:
    """Return the newest decision of the account for each purpose that was ever decided."""
    events = (
        ConsentEvent.objects.filter(subject=subject.pk, scope=ConsentEvent.Scope.ACCOUNT)
        .order_by("purpose", "-position")
        .distinct("purpose")
    )
    return {event.purpose: event for event in events}


def post_decisions(post_ids: Collection[int]) -> dict[int, Decisions]:
    """Return the newest decision for each post and purpose; posts without one are left out."""
    events = (
        ConsentEvent.objects.filter(post_id__in=post_ids, scope=ConsentEvent.Scope.POST)
        .order_by("post_id", "purpose", "-position")
        .distinct("post_id", "purpose")
    )
    found: dict[int, Decisions] = {}
    for event in events:
        assert event.post_id is not None
        found.setdefault(event.post_id, {})[event.purpose] = event
    return found


def standing_of(user_id: int, post_ids: Collection[int]) -> Standing:
    """Return all that bears on these posts of one person, in three queries at the most."""
    subject = Subject.objects.filter(user_id=user_id).order_by("pk").first()
    if subject is None:
        return Standing()
    return Standing(
        adult=subject.adult_attested_at is not None,
        account=account_decisions(subject),
        posts=post_decisions(post_ids) if post_ids else {},
    )
