"""What publishing costs with few and many followers, until it is answered and until the last follower has it.

Every follower has a timeline in Redis, as if all had been here lately: the most that there can be to do. The limit of
the answer is the same with no follower at all, and the last follower's is a second. Beside it, a post that very many
like at once, where the limit is the same likes for as many posts.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from django.db import connection
from django.test import Client
from django.utils import timezone

import config.celery  # noqa: F401  tasks are sent through this app
from accounts.models import Follow, User
from benchmarks import world
from benchmarks.figures import Figure
from benchmarks.place import say, timed
from common.models import OutboxEvent
from demo.importing import copy
from devservices.processes import stop_children
from devservices.supervisor import build_children
from posts.models import Like, Post
from posts.services import PostInput, like_post, publish_post
from timeline.home import redis_store
from timeline.home.pages import home_rows

FOLLOWERS = (10, 2_000, 20_000)
POSTS = 15
MAX_SECONDS = 60.0
LIKES, CONNECTIONS = 2_000, 50


def measure(folder: Path) -> Iterator[Figure]:
    """Publish for crowds of several sizes, then like one post from everywhere."""
    people = world.fill_for_pages()
    with timed("a timeline in Redis for each person"):
        for user_id in people:
            fill_timeline(user_id)
    nobody = author("nobody", [])
    with celery_worker(folder):
        answer_without = median(publish(nobody)[0] for _ in range(POSTS))
        for size in FOLLOWERS:
            followers = sorted(people)[:size]
            writer = author(f"writer_{size}", followers)
            published = [publish(writer, followers) for _ in range(POSTS)]
            arrivals = [arrived for _, arrived in published]
            say(
                f"{size} followers: the last has a post after {[f'{seconds:.2f}' for seconds in arrivals]} s"
            )
            yield Figure(
                f"publish_{size}",
                1000 * median(one for one, _ in published),
                "ms",
                1000 * answer_without,
            )
            yield Figure(f"publish_{size}_arrives", max(arrivals[1:]), "s", 1.0)
    yield viral_likes(people)


@contextmanager
def celery_worker(folder: Path) -> Iterator[None]:
    """Run the worker and beat of `make run`."""
    children = build_children(folder, 0)[1:]
    for child in children:
        child.start()
    try:
        yield
    finally:
        stop_children(children, lambda: False)


def author(name: str, followers: Sequence[int]) -> User:
    writer = User.objects.create(username=name)
    now = timezone.now()
    copy(
        Follow,
        ("follower_id", "followed_id", "created_at"),
        ((pk, writer.pk, now) for pk in followers),
    )
    return writer


def fill_timeline(user_id: int) -> None:
    name = redis_store.key(user_id, 0)
    mark = redis_store.start_rebuild(name)
    assert mark
    redis_store.complete_rebuild(name, mark, range(1, redis_store.MAX_IDS + 1), is_complete=False)


def publish(writer: User, followers: Sequence[int] = ()) -> tuple[float, float]:
    """Return how long it took until a post was answered, and until the last follower had it."""
    client = Client()
    client.force_login(writer, "django.contrib.auth.backends.ModelBackend")
    began = time.monotonic()
    response = client.post("/compose", {"text": f"At {began}"}, headers={"host": "127.0.0.1"})
    answered = time.monotonic() - began
    assert response.status_code == 302, response.content
    post = Post.objects.filter(author=writer).latest("pk")
    # Whoever looks meanwhile has it at once, by the news; this waits for the push.
    await_true(lambda: not OutboxEvent.objects.filter(post_id=post.pk).exists())
    await_true(lambda: all_have(post, followers))
    return answered, time.monotonic() - began


def await_true(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MAX_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("a post has not arrived")
        time.sleep(0.002)


def all_have(post: Post, followers: Sequence[int]) -> bool:
    """Say whether a post is in each timeline in Redis, or, for the widely followed, in that of the last follower."""
    if not followers or User.objects.filter(pk=post.author_id, skips_fan_out=True).exists():
        last = User.objects.filter(pk__in=followers[-1:])
        return all(home_rows(one, below=None, size=1)[0].pk == post.pk for one in last)
    pipeline = redis_store.client().pipeline(transaction=False)
    for user_id in followers:
        pipeline.zscore(redis_store.key(user_id, 0), redis_store.pack(post.pk))
    return None not in pipeline.execute()


def viral_likes(people: Sequence[int]) -> Figure:
    """Like one post, and as many posts, by 2,000 people over 50 connections."""
    users = list(User.objects.filter(pk__in=people[:LIKES]))
    writer = users[0]
    one = publish_post(author=writer, draft=PostInput("Everybody likes this"))
    many = list(Post.objects.exclude(pk=one.pk).order_by("pk")[:LIKES])
    limit = likes_per_second([(user, post) for user, post in zip(users, many, strict=True)])
    rate = likes_per_second([(user, one) for user in users])
    one.refresh_from_db()
    counted = (one.like_count, Like.objects.filter(post=one).count())
    if counted != (LIKES, LIKES):
        raise RuntimeError(f"{LIKES} people liked a post, and it counts {counted}")
    return Figure("viral_likes", rate, "likes/s", limit)


def likes_per_second(likes: Sequence[tuple[User, Post]]) -> float:
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for user, post in likes[number::CONNECTIONS]:
                like_post(user=user, post=post)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return len(likes) / (time.monotonic() - began)
