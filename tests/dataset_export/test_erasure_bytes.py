"""Law 7 on the disk: nothing of an erased text is left in the files of PostgreSQL, nor in what is served."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import BinaryField, TextField
from django.utils import timezone

from dataset_export.builds.executor import process_next_task
from dataset_export.builds.services import pause_build, start_build
from dataset_export.erasure.rewrite_shard import content_of
from dataset_export.erasure.tasks import erase_revoked_task, vacuum_erased
from dataset_export.models import (
    HeldRow,
    IntermediatePartition,
    RowProvenance,
    Shard,
    ShardChunk,
    Snapshot,
    StagedPost,
    VacuumRequest,
)
from dataset_export.pipeline.shards import read_jsonl_shard
from posts.models import Post
from tests.dataset_export.snapshots import published
from tests.factories import grant, post, recipe, snapshot, withdraw
from tests.threads import together
from tests.workers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "a small yellow canary sings beside the flour mill at dawn"
SLICE, STRIDE = 64, 256
EVERY_TABLE = "dataset_export_%"


@pytest.fixture(autouse=True)
def at_once(settings, monkeypatch) -> None:
    settings.ERASURE_VACUUM_SECONDS = 0
    monkeypatch.setattr(vacuum_erased, "delay", lambda: None)


@pytest.fixture
def words(alice, bob) -> Snapshot:
    post(alice, CANARY)
    for number in range(200):
        post(
            bob,
            f"{number}: {' '.join(chr(97 + (number * step) % 26) * 4 for step in range(1, 15))} {number * 7919}",
        )
    grant(alice)
    grant(bob)
    return published(recipe=recipe(500))


def scrubbed() -> bool:
    """Whether nothing is left to scrub: other tests' transactions, or PostgreSQL's own vacuum, may hold one up."""
    vacuum_erased()
    return not VacuumRequest.objects.filter(done_at__isnull=True).exists()


def query(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def raw_files(tables: str = EVERY_TABLE) -> Iterator[bytes]:
    """Yield what is on the disk of tables: rows, long values beside them, indexes."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    (folder,), *_ = query("SHOW data_directory")
    paths = query(f"""
        WITH tables AS (
            SELECT oid, reltoastrelid FROM pg_class WHERE relkind = 'r' AND relname LIKE '{tables}'
        ), whole AS (SELECT oid FROM tables UNION SELECT reltoastrelid FROM tables)
        SELECT pg_relation_filepath(oid) FROM pg_class WHERE oid IN (
            SELECT oid FROM whole UNION SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT oid FROM whole)
        ) AND pg_relation_filepath(oid) IS NOT NULL
    """)
    for (path,) in paths:
        for part in sorted(Path(folder, path).parent.glob(Path(path).name + "*")):
            yield part.read_bytes()


def on_disk(needle: bytes, tables: str) -> bool:
    return any(needle in content for content in raw_files(tables))


def served(snapshot: Snapshot) -> bytes:
    """Return what clients get, unpacked; Parquet as it is, too."""
    files = [(shard.format, content_of(shard)) for shard in snapshot.shards.all()]
    return b"\n".join(
        b"\n".join(read_jsonl_shard(data)) if format != "parquet" else data
        for format, data in files
    )


def slices(snapshot: Snapshot) -> set[bytes]:
    """Return pieces of the compressed files, each far longer than chance brings together."""
    contents = [content_of(shard) for shard in snapshot.shards.all()]
    return {
        data[at : at + SLICE] for data in contents for at in range(0, len(data) - SLICE, STRIDE)
    }


def test_no_byte_of_an_erased_post_is_left(words, alice):
    salt, old = (
        bytes(words.provenance.get(post_id=Post.objects.get(author=alice).pk).salt),
        slices(words),
    )
    before = b"".join(raw_files())
    assert salt in before
    # Some pieces lie across the end of a page.
    assert sum(piece in before for piece in old) > 0.9 * len(old)
    assert CANARY.encode() in served(words)
    withdraw(alice)
    erase_revoked_task()
    assert CANARY.encode() not in served(words)
    assert salt.hex().encode() not in served(words)
    now = b"".join(content_of(shard) for shard in words.shards.all())
    gone = {piece for piece in old if piece not in now}
    assert len(gone) > len(old) / 2
    wait_until(scrubbed, "a scrub")
    assert set(VacuumRequest.objects.values_list("whole", flat=True)) == {True}
    after = b"".join(raw_files())
    assert salt not in after
    assert CANARY.encode() not in after
    assert not [piece for piece in gone if piece in after]


def test_staging_leaves_no_text_on_the_disk(alice):
    table = StagedPost._meta.db_table
    post(alice, CANARY)
    grant(alice)
    made = start_build(snapshot=snapshot())
    while not StagedPost.objects.exists():
        process_next_task(made.pk)
    assert on_disk(CANARY.encode(), table)
    vacuum_erased()
    assert StagedPost.objects.exists()
    while process_next_task(made.pk):
        pass
    assert not StagedPost.objects.exists()
    assert on_disk(CANARY.encode(), table)
    wait_until(scrubbed, "a scrub")
    assert not on_disk(CANARY.encode(), table)


def test_a_build_that_is_paused_keeps_no_byte_of_what_is_withdrawn(alice, bob):
    table = StagedPost._meta.db_table
    post(alice, CANARY)
    post(bob, "bread takes its time in a cold house")
    grant(alice)
    grant(bob)
    made = start_build(snapshot=snapshot())
    while not StagedPost.objects.exists():
        process_next_task(made.pk)
    pause_build(snapshot=made)
    withdraw(alice)
    erase_revoked_task()
    assert on_disk(CANARY.encode(), table)
    wait_until(scrubbed, "a scrub")
    assert StagedPost.objects.filter(snapshot=made).count() == 1
    assert not on_disk(CANARY.encode(), table)


def test_a_table_that_is_too_large_is_only_freed_and_the_scrub_says_so(words, alice, settings):
    settings.ERASURE_VACUUM_FULL_MAX_BYTES = 0
    VacuumRequest.objects.all().delete()
    withdraw(alice)
    erase_revoked_task()
    before = query("SELECT pg_relation_filepath('dataset_export_shardchunk')")
    wait_until(scrubbed, "a scrub")
    assert list(VacuumRequest.objects.values_list("tables", "whole")) == [("files", False)]
    assert query("SELECT pg_relation_filepath('dataset_export_shardchunk')") == before


def test_bytes_are_collected_for_a_while(words, alice, settings):
    settings.ERASURE_VACUUM_SECONDS = 3600
    VacuumRequest.objects.update(done_at=timezone.now(), whole=True)
    withdraw(alice)
    erase_revoked_task()
    vacuum_erased()
    assert VacuumRequest.objects.filter(done_at__isnull=True).count() == 1


@pytest.mark.parametrize("table", [ShardChunk, RowProvenance])
def test_a_table_in_use_is_scrubbed_another_time(words, alice, monkeypatch, table):
    monkeypatch.setattr("dataset_export.erasure.vacuum.LOCK_TIMEOUT", "50ms")
    withdraw(alice)
    erase_revoked_task()

    def scrub_meanwhile() -> int:
        vacuum_erased()
        return VacuumRequest.objects.filter(tables="files", done_at__isnull=True).count()

    with transaction.atomic():
        list(table.objects.order_by("pk").values_list("pk")[:1])
        assert together([scrub_meanwhile]) != [0]
    wait_until(scrubbed, "a scrub")


def test_an_old_transaction_that_still_sees_the_rows_is_waited_for(words, alice):
    def erase_and_scrub() -> bool:
        withdraw(alice)
        erase_revoked_task()
        return scrubbed()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT 1 FROM posts_post")
        assert together([erase_and_scrub]) == [False]
    wait_until(scrubbed, "a scrub")


def test_a_transaction_that_writes_in_another_database_is_waited_for(words, alice):
    """Rows younger than it stay in a table that is written anew."""
    wait_until(scrubbed, "a scrub")
    with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres") as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        withdraw(alice)
        erase_revoked_task()
        assert not scrubbed()
    wait_until(scrubbed, "a scrub")
    assert set(VacuumRequest.objects.values_list("whole", flat=True)) == {True}


def test_the_tables_with_texts_of_posts_are_the_ones_that_are_scrubbed():
    """A new table with bytes or texts has to be decided upon."""
    holding = {
        model.__name__
        for model in apps.get_app_config("dataset_export").get_models()
        if any(type(field) in (BinaryField, TextField) for field in model._meta.get_fields())
    }
    scrubbed = {
        model.__name__
        for model in (StagedPost, IntermediatePartition, ShardChunk, RowProvenance, HeldRow)
    }
    # Manifests and what is made of them, hashes, errors, terms and requests, reviewers' words; no texts of posts.
    without_texts = {"Snapshot", "Revision", "Removal", "BuildTask", "EvaluationList", "Exclusion"}
    without_texts |= {"Document", "AccessTerms", "AccessRequest", "Webhook"}
    assert holding == scrubbed | without_texts
    assert Shard.__name__ not in holding
