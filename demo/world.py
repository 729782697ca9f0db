"""The small world in world.json: people, what they wrote, whom they follow, what they share."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Follow, User
from common.snowflake import min_id_at
from consent.models import ConsentEvent
from consent.notices import current_notice
from consent.services import record_age_attestation, record_decision
from dataset_export.access.terms import current_terms
from dataset_export.models import AccessRequest
from dataset_export.roles import sync_roles
from demo.demo_images import hang_pictures
from demo.interactions import make_talk
from posts.models import Like, Post
from posts.text.entities import render
from timeline.models import Trend
from timeline.trends.daily_usage import count_tag_days
from timeline.trends.scoring import count_trends
from timeline.trends.services import moderate_trends

PASSWORD = "commonplace-demo"  # noqa: S105 - it is printed for everyone, and only exists in development
WORLD = Path(__file__).with_name("world.json")
_SETTLED = timedelta(days=30)
OLDEST_DAYS = 8
ADMIN, MANAGER = "admin", "reviewer"


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    display_name: str
    bio: str = ""
    follows: list[str] = field(default_factory=list)
    shares: dict[str, str] = field(default_factory=dict)
    took_back: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    # Names of datasets, made or not, with the purpose for which access to each was granted.
    reads: dict[str, str] = field(default_factory=dict)
    # Posts that are kept, by their marks; tags that are followed; titles of lists with the people in them.
    keeps: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    # Names of drawings, by the place that each has on the profile.
    portraits: dict[str, str] = field(default_factory=dict)
    staff: bool = False
    superuser: bool = False
    # What the login is for; people without one cannot log in.
    login: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One post of the world, `hours` before its making, with the replies below it."""

    by: str
    hours: float
    text: str
    lang: str
    visibility: str = Post.Visibility.PUBLIC
    authorship: str = Post.Authorship.HUMAN
    likes: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    warning: str = ""
    # A name by which others quote and keep it.
    mark: str = ""
    quotes: str = ""
    # Who brought it to their followers, and how many hours before now.
    reposts: dict[str, float] = field(default_factory=dict)
    poll: dict[str, Any] = field(default_factory=dict)
    # Each the name of a drawing and its description.
    pictures: list[dict[str, str]] = field(default_factory=list)
    replies: list[dict[str, Any]] = field(default_factory=list)


class Told(NamedTuple):
    """A post of the world beside its row."""

    said: Said
    post: Post


@cache
def people() -> list[Person]:
    return [Person(**person) for person in _load()["people"]]


def _load() -> dict[str, Any]:
    return dict(json.loads(WORLD.read_text(encoding="utf-8")))


def logins() -> list[Person]:
    """Return the people of the world who can log in here."""
    found = set(User.objects.filter(source=User.Source.DEMO).values_list("username", flat=True))
    return [person for person in reversed(people()) if person.login and person.username in found]


@transaction.atomic
def make_world() -> bool:
    """Fill an empty site with the demo world; where there are people already nothing changes, and False returns."""
    with connection.cursor() as cursor:
        # Whoever else makes a world, or signs up, at this moment waits.
        cursor.execute("LOCK TABLE accounts_user IN SHARE ROW EXCLUSIVE MODE")
    if User.objects.exists():
        return False
    now = timezone.now()
    users = settle(now)
    told = list(tell(users, now))
    Post.objects.bulk_create([post for _, post in told])
    like(users, told)
    hang_pictures(users, people(), told)
    make_talk(users, people(), told, now)
    count_talk(users, now)
    for person in people():
        _share(users[person.username], person)
        give_access(users, person, now)
    for said, post in told:
        withhold(post, said.withheld)
    return True


def settle(now: datetime) -> dict[str, User]:
    """Make the accounts, with groups and follows, and return them by name."""
    sync_roles()
    password = make_password(PASSWORD)
    users = {person.username: account(person, password, now - _SETTLED) for person in people()}
    User.objects.bulk_create(users.values())
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in users.values()
        if user.email
    )
    for person in people():
        users[person.username].groups.set(Group.objects.filter(name__in=person.groups))
    Follow.objects.bulk_create(
        Follow(follower=users[person.username], followed=users[name], created_at=now - _SETTLED)
        for person in people()
        for name in person.follows
    )
    return users


def account(person: Person, password: str, joined: datetime) -> User:
    return User(
        username=person.username,
        display_name=person.display_name,
        bio=person.bio,
        email=f"{person.username}@example.org" if person.login else "",
        password=password if person.login else make_password(None),
        source=User.Source.DEMO,
        is_staff=person.staff or person.superuser,
        is_superuser=person.superuser,
        date_joined=joined,
    )


def tell(users: dict[str, User], now: datetime) -> Iterator[Told]:
    """Yield every post, parents before replies."""
    numbers = iter(range(1, 1 << 16))
    people = {name.lower(): name for name in users}

    def told(content: dict[str, Any], parent: Post | None) -> Iterator[Told]:
        said = Said(**content)
        post = row(
            said,
            users[said.by],
            parent,
            min_id_at(now - timedelta(hours=said.hours)) + next(numbers),
        )
        post.html = render(said.text, people)
        yield Told(said, post)
        for reply in said.replies:
            yield from told(reply, post)

    for content in _load()["posts"]:
        yield from told(content, None)


def row(said: Said, author: User, parent: Post | None, pk: int) -> Post:
    return Post(
        id=pk,
        author=author,
        text=said.text,
        language=said.lang,
        visibility=said.visibility,
        authorship=said.authorship,
        warning=said.warning,
        has_media=bool(said.pictures),
        reply_to=parent,
        thread_id=parent.root_id if parent else None,
    )


def like(users: dict[str, User], told: list[Told]) -> None:
    Like.objects.bulk_create(
        Like(user=users[name], post=post) for said, post in told for name in said.likes
    )


def count_talk(users: dict[str, User], now: datetime) -> None:
    """Count what is talked about, and have the admin allow what that makes a trend of."""
    # Each time two days.
    for back in range(0, OLDEST_DAYS, 2):
        count_tag_days((now - timedelta(days=back)).date())
    count_trends(timezone.now())
    moderate_trends(trends=Trend.objects.all(), state=Trend.State.ALLOWED, by=users[ADMIN])


def _share(user: User, person: Person) -> None:
    if person.shares:
        record_age_attestation(user=user)
    for purpose, covers in person.shares.items():
        decide_in_settings(user, purpose, ConsentEvent.Decision.GRANTED, covers=covers)
    for purpose in person.took_back:
        decide_in_settings(user, purpose, ConsentEvent.Decision.WITHDRAWN)


def give_access(users: dict[str, User], person: Person, now: datetime) -> None:
    """Grant for a year what the person reads, as somebody with the role did it a month ago and told them."""
    AccessRequest.objects.bulk_create(
        AccessRequest(
            user=users[person.username],
            dataset=dataset,
            purpose=purpose,
            terms=current_terms(),
            agreed_at=now - _SETTLED,
            asked_at=now - _SETTLED,
            state=AccessRequest.State.GRANTED,
            decided_by=users[MANAGER],
            decided_at=now - _SETTLED,
            granted_until=now - _SETTLED + timedelta(days=365),
            notified_at=now - _SETTLED,
        )
        for dataset, purpose in person.reads.items()
    )


def withhold(post: Post, purposes: list[str]) -> None:
    for purpose in purposes:
        decide_in_settings(post.author, purpose, ConsentEvent.Decision.WITHDRAWN, post_id=post.pk)


def decide_in_settings(user: User, purpose: str, decision: str, **more: Any) -> None:
    notice, source = current_notice(purpose), ConsentEvent.Source.SETTINGS
    record_decision(
        user=user, purpose=purpose, decision=decision, notice=notice, source=source, **more
    )
