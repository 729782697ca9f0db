"""Home from Redis is home from PostgreSQL, on every page, whatever happened before and wherever the worker was then."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from random import Random
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Block, ListMember, Mute, User, UserList
from accounts.services import FollowError, follow, unfollow
from posts.models import Hashtag, HashtagFollow, Post
from posts.services import PublishError, RepostError, delete_post, repost
from tests.factories import person, post
from timeline.event_handlers import dispatch_outbox
from timeline.home import fan_out, redis_store
from timeline.home.pages import home_rows
from timeline.home.rule import home_timeline

PEOPLE = 4
PAGE = 3
# So small that they are reached within a few steps.
LIMITS = [(redis_store, "MAX_IDS", 5), (fan_out, "WIDELY_FOLLOWED", 2), (fan_out, "_BATCH", 2)]


def apart(owner: User) -> UserList:
    return UserList.objects.create(owner=owner, title="Apart", is_exclusive=True)


class World:
    """A few people, and everything that they do to each other's home timelines."""

    def __init__(self, seed: int) -> None:
        redis_store.client().flushdb()
        self.random = Random(seed)
        self.people = [person(f"person{number}") for number in range(PEOPLE)]
        self.tag = Hashtag.objects.create(name="bread", label="bread")
        self.lists = {one.pk: apart(one) for one in self.people}

    def two(self) -> tuple[User, User]:
        one, other = self.random.sample(self.people, 2)
        return one, other

    def any_post(self) -> Post | None:
        ids = list(Post.objects.order_by("pk").values_list("pk", flat=True))
        return Post.objects.get(pk=self.random.choice(ids)) if ids else None

    def follow(self) -> None:
        one, other = self.two()
        with suppress(FollowError):
            follow(follower=one, followed=other)

    def unfollow(self) -> None:
        one, other = self.two()
        unfollow(follower=one, followed=other)

    def post(self) -> None:
        words = self.random.choice(["Some words", "Some words about #bread"])
        post(
            self.random.choice(self.people),
            words,
            visibility=self.random.choice(Post.Visibility.values),
        )

    def reply(self) -> None:
        parent = self.any_post()
        if parent is not None and parent.repost_of_id is None:
            with suppress(PublishError):
                post(self.random.choice(self.people), "An answer", reply_to=parent)

    def repost(self) -> None:
        original = self.any_post()
        if original is not None:
            with suppress(RepostError):
                repost(user=self.random.choice(self.people), post=original)

    def delete(self) -> None:
        gone = self.any_post()
        if gone is not None:
            delete_post(post=gone)

    def block(self) -> None:
        one, other = self.two()
        Block.objects.get_or_create(blocker=one, blocked=other)

    def unblock(self) -> None:
        Block.objects.filter(blocker=self.random.choice(self.people)).delete()

    def mute(self) -> None:
        one, other = self.two()
        Mute.objects.get_or_create(muter=one, muted=other)

    def unmute(self) -> None:
        Mute.objects.filter(muter=self.random.choice(self.people)).delete()

    def follow_tag(self) -> None:
        HashtagFollow.objects.get_or_create(user=self.random.choice(self.people), tag=self.tag)

    def unfollow_tag(self) -> None:
        HashtagFollow.objects.filter(user=self.random.choice(self.people)).delete()

    def set_apart(self) -> None:
        one, other = self.two()
        ListMember.objects.get_or_create(list=self.lists[one.pk], member=other)

    def bring_back(self) -> None:
        ListMember.objects.filter(list=self.lists[self.random.choice(self.people).pk]).delete()

    def read(self) -> None:
        viewer = self.random.choice(self.people)
        assert pages(viewer) == truth(viewer)

    def work(self) -> None:
        dispatch_outbox()

    def flush(self) -> None:
        redis_store.client().flushdb()

    def lose(self) -> None:
        """Let go of one timeline, as its time is over."""
        one = self.random.choice(self.people)
        redis_store.client().delete(*[redis_store.key(one.pk, epoch) for epoch in range(50)])

    def be_away(self) -> None:
        """Redis is away for a reading."""
        with patch.object(redis_store.breaker, "until", float("inf")):
            self.read()


ACTS: list[Callable[[World], None]] = [
    *(World.post, World.post, World.post, World.reply, World.repost, World.repost, World.delete),
    *(
        World.follow,
        World.follow,
        World.follow,
        World.unfollow,
        World.block,
        World.unblock,
        World.mute,
        World.unmute,
    ),
    *(World.follow_tag, World.unfollow_tag, World.set_apart, World.bring_back),
    *(World.read, World.read, World.work, World.work, World.flush, World.lose, World.be_away),
]


def pages(viewer: User) -> list[int]:
    """Return the ids of all rows of the viewer's home timeline, page by page."""
    ids: list[int] = []
    while rows := home_rows(viewer, below=ids[-1] if ids else None, size=PAGE):
        ids += [row.pk for row in rows]
    return ids


def truth(viewer: User) -> list[int]:
    return list(home_timeline(viewer).order_by("-pk").values_list("pk", flat=True))


class AnySequence(TestCase):
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**32), st.lists(st.sampled_from(ACTS), min_size=30, max_size=80))
    def test_home_from_redis_is_home_from_postgresql(
        self, seed: int, acts: list[Callable[[World], None]]
    ) -> None:
        with ExitStack() as limits:
            for limit in LIMITS:
                limits.enter_context(patch.object(*limit))
            world = World(seed)
            for act in acts:
                act(world)
            for viewer in world.people:
                assert pages(viewer) == truth(viewer)
