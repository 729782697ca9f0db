"""Each task has a queue, and work that users cause never delays an erasure."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml
from django.conf import settings

from common.task_names import TaskName
from config.celery import app
from config.queues import QUEUES, ROUTES, TIME_LIMITS, VISIBILITY_SECONDS, WORKERS
from consent.models.log import Checkpoint
from posts.models import LinkPreview
from tests.factories import grant, person
from tests.workers import celery_worker, database_url, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
app.loader.import_default_modules()
OURS = sorted(name for name in app.tasks if not name.startswith("celery."))


@pytest.mark.parametrize("name", OURS)
def test_every_task_has_a_route_and_a_time_limit(name):
    queue = ROUTES[name]
    assert queue in QUEUES
    # By its name alone, as `send_task` and beat send it.
    assert app.amqp.router.route({}, name)["queue"].name == queue
    assert app.tasks[name].time_limit == TIME_LIMITS[queue]


def test_every_task_name_is_registered_and_routed():
    assert sorted(TaskName) == OURS
    assert sorted(ROUTES) == OURS


def test_schedule_keys_are_dotted_slugs_and_tasks_are_registered():
    for key, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", key), key
        assert entry["task"] in OURS


def test_tasks_are_sent_by_their_enum_only():
    """A literal name would not be checked against the registered tasks."""
    files = [
        path
        for app in ("common", "accounts", "consent", "posts", "timeline", "dataset_export")
        for path in (ROOT / app).rglob("*.py")
    ]
    arguments = [
        ast.unparse(argument)
        for path in files
        for argument in task_name_arguments(ast.parse(path.read_text()))
    ]
    assert len(arguments) > 30
    others = {name for name in arguments if not name.startswith("TaskName.")}
    assert others == {"name"}, "only enqueue_task passes a variable on"


def task_name_arguments(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the name of each task that a module registers or sends."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called == "shared_task":
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "name")
        elif called.endswith(("send_task", "enqueue_task")):
            yield node.args[0]
        elif called == "partial" and ast.unparse(node.args[0]).endswith("enqueue_task"):
            yield node.args[1]


def test_schedule_sends_only_routed_tasks_to_known_queues():
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        queue = entry.get("options", {}).get("queue") or ROUTES[entry["task"]]
        assert queue in QUEUES
    beats = [
        entry["args"]
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if entry["task"] == TaskName.HEARTBEAT_RECORD
    ]
    assert sorted(beats) == sorted([queue] for queue in QUEUES)


def test_visibility_timeout_exceeds_every_time_limit():
    assert max(TIME_LIMITS.values()) < VISIBILITY_SECONDS
    assert app.conf.broker_transport_options["visibility_timeout"] == VISIBILITY_SECONDS
    assert app.conf.task_time_limit < VISIBILITY_SECONDS


def test_every_queue_has_one_worker_and_erasure_has_its_own():
    assert sorted(queue for worker in WORKERS for queue in worker.queues) == sorted(QUEUES)
    assert [worker.queues for worker in WORKERS if "erasure" in worker.queues] == [("erasure",)]
    assert [worker.queues for worker in WORKERS if "mail" in worker.queues] == [("mail",)]


def test_compose_runs_the_same_workers():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for worker in WORKERS:
        command = services[f"worker-{worker.name}"]["command"].split()
        assert command[command.index("--queues") + 1] == ",".join(worker.queues)
        assert command[command.index("--pool") + 1] == worker.pool
        assert "--concurrency" in command


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_checkpoint_is_signed_at_once_while_media_is_blocked(tmp_path):
    """The worker of `media` waits for a row that the test locks."""
    app.control.purge()
    rows = [LinkPreview.objects.create(url=f"http://127.0.0.1:1/{number}") for number in range(20)]
    with psycopg.connect(database_url()) as holder:
        holder.execute("SELECT FROM posts_linkpreview FOR UPDATE")
        with (
            celery_worker(tmp_path, "media", queues=("media", "previews", "webhooks")),
            celery_worker(tmp_path, "erasure", queues=("erasure",)),
        ):
            for row in rows:
                app.send_task(TaskName.LINK_PREVIEWS_FETCH, [row.pk])
            wait_until(lambda: is_blocked(holder), "the worker of media held up", seconds=60)
            grant(person("alice"))
            app.send_task(TaskName.TRANSPARENCY_LOG_SIGN_CHECKPOINT)
            wait_until(Checkpoint.objects.exists, "the checkpoint", seconds=10)
            assert LinkPreview.objects.filter(claimed_at=None).count() == len(rows)
            holder.rollback()


def is_blocked(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    return bool(row and row[0])
