"""Each snippet of a dataset's page, run as it is given: both configurations, one shard and several, splits held out."""

import os
import subprocess
import sys
from base64 import b64decode
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.request import urlopen

import pytest

from accounts.services import create_token
from consent.purposes import Purpose
from dataset_export.cards.snippets import Snippet, snippets
from dataset_export.models import Snapshot
from dataset_export.pipeline.recipe import CONVERSATIONS_DEFAULT, PRETRAINING_DEFAULT
from dataset_export.publication.documents import build_card_context
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import published
from tests.factories import grant, person, post, recipe

THREADS = 24
PYTHON = {
    "datasets",
    "huggingface_hub",
    "JSON Lines with datasets",
    "pandas",
    "Polars",
    "mlcroissant",
}


def held_out(data: dict[str, Any]) -> dict[str, Any]:
    steps = [step for step in data["steps"] if step["step"] != "split"]
    return {**data, "steps": [*steps, {"step": "split", "test": 0.2, "validation": 0.2}]}


def write_threads() -> None:
    """Write questions and answers; some answers carry an email address, so that only some shards have redactions."""
    ana, ben = person(), person()
    for author in (ana, ben):
        for purpose in (Purpose.PRETRAINING, Purpose.FINE_TUNING):
            grant(author, purpose=purpose)
    for number in range(THREADS):
        root = post(
            ana,
            f"Which book about the year {1800 + number} would you read to the end, and why that one?",
        )
        contact = " Write to jo@example.org." if number % 7 == 0 else ""
        post(
            ben,
            f"Number {number} on my shelf, for its maps of towns and rivers.{contact}",
            reply_to=root,
        )


@pytest.fixture(autouse=True)
def site(live_server, settings) -> str:
    settings.SITE_URL = live_server.url
    return live_server.url


CASES = {
    "posts": (Purpose.PRETRAINING, PRETRAINING_DEFAULT),
    "conversations": (Purpose.FINE_TUNING, CONVERSATIONS_DEFAULT),
}


@pytest.fixture(
    params=[("posts", 5), ("posts", 1000), ("conversations", 4), ("conversations", 1000)], ids=str
)
def made(request, site) -> Snapshot:
    configuration, shard_rows = request.param
    purpose, data = CASES[configuration]
    write_threads()
    return published("books", purpose=purpose, recipe=recipe(shard_rows, held_out(data)))


@pytest.fixture
def folder(made, hub, tmp_path, monkeypatch) -> Path:
    """The repository as `hf download` leaves it, in the folder that the snippets name."""
    reader = person("reader")
    granted(reader, "books")
    token = create_token(user=reader, name="cluster")
    monkeypatch.setenv("HF_TOKEN", token)
    monkeypatch.setenv("TOKEN", token)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return Path(hub.snapshot_download("commonplace/books", repo_type="dataset", local_dir="books"))


def rows_of(made: Snapshot, *splits: str) -> int:
    shards = made.shards.filter(format="parquet", split__in=splits)
    return sum(shard.rows for shard in shards)


def run(found: list[Snippet], title: str) -> dict[str, Any]:
    code = next(snippet.code for snippet in found if snippet.title == title)
    names: dict[str, Any] = {}
    exec(compile(code, title, "exec"), names)
    return names


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame:Warning")
def test_every_snippet_runs_and_reads_the_rows_to_train_on_alone(
    made: Snapshot, folder: Path, datasets: ModuleType, mlcroissant: ModuleType, site: str
) -> None:
    train = rows_of(made, "train")
    assert 0 < train < rows_of(made, "train", "validation", "test")
    found = snippets(build_card_context(made, {}))
    assert {snippet.title for snippet in found if snippet.language == "python"} == PYTHON

    loaded = run(found, "datasets")
    assert (len(loaded["rows"]), sum(1 for _ in loaded["stream"])) == (train, train)
    lines = run(found, "JSON Lines with datasets")["rows"]
    assert lines.features == loaded["rows"].features
    assert sorted(lines["id"]) == sorted(loaded["rows"]["id"])
    assert len(run(found, "pandas")["rows"]) == train
    assert run(found, "Polars")["languages"]["len"].sum() == train
    counted = import_module("duckdb").sql(
        next(snippet.code for snippet in found if snippet.title == "DuckDB")
    )
    assert sum(count for _, count in counted.fetchall()) == train
    assert sum(1 for _ in run(found, "mlcroissant")["rows"]) == train
    assert Path(run(found, "huggingface_hub")["file"]).exists()

    for title in (
        snippet.title
        for snippet in found
        if snippet.language == "bash" and "First" not in snippet.title
    ):
        code = next(snippet.code for snippet in found if snippet.title == title).replace(
            "export TOKEN=cp_…\n", ""
        )
        done = subprocess.run(["bash", "-ec", code], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, (title, done.stderr)
    with urlopen(f"{site}/api/v1/signing-key") as answer:
        assert len(b64decode(answer.read())) == 32
