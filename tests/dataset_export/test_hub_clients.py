"""The clients that people have, unmodified, against a running site: nothing but HF_ENDPOINT and a token is set."""

import hashlib
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from urllib.request import urlopen

import orjson
import pytest

from accounts.models import User
from accounts.services import create_token
from dataset_export.cards.snippets import snippets
from dataset_export.delivery import http
from dataset_export.delivery.http import ServingRevokedError
from dataset_export.erasure.services import erase_revoked
from dataset_export.hub import views
from dataset_export.hub.errors import WITHHELD_WAIT_SECONDS
from dataset_export.models import AccessRequest, Download, Shard, Snapshot
from dataset_export.pipeline.manifest import verify_manifest
from dataset_export.pipeline.rows import POSTS_SCHEMA
from dataset_export.publication.documents import build_card_context
from dataset_export.signing.manifests import site_public_key
from dataset_export.storage.shard_reader import ByteRange
from posts.models import Post
from posts.services import delete_post
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import published
from tests.factories import grant, person, post, recipe, withdraw

REPOSITORY = "commonplace/words"
AS_DATASET = {"repo_type": "dataset"}
TEXTS = [f"On day {number} the bread was better than on any day before." for number in range(7)]
DOCUMENTS = {"README.md", "croissant.json", "manifest.json", "manifest.json.sig", "removals.jsonl"}


@pytest.fixture(autouse=True)
def site(live_server, settings) -> str:
    settings.SITE_URL = live_server.url
    return live_server.url


@pytest.fixture
def reader(site, alice) -> User:
    """Somebody who was granted what Alice shared."""
    for text in TEXTS:
        post(alice, text)
    grant(alice)
    published(recipe=recipe(4))
    reader = person("reader")
    granted(reader)
    return reader


@pytest.fixture
def token(reader) -> str:
    return create_token(user=reader, name="cluster")


@pytest.fixture
def folder(hub, token, tmp_path) -> Path:
    """The whole repository, downloaded."""
    return Path(
        hub.snapshot_download(REPOSITORY, **AS_DATASET, token=token, local_dir=tmp_path / "words")
    )


def snapshot() -> Snapshot:
    return Snapshot.objects.get(state=Snapshot.State.PUBLISHED)


def code_for(title: str) -> str:
    """What the page and the card give to copy."""
    return next(
        snippet.code
        for snippet in snippets(build_card_context(snapshot(), {}))
        if snippet.title == title
    )


def commit() -> str:
    return snapshot().manifest_sha256[:40]


def test_datasets_loads_it_whole_in_part_and_as_a_stream(datasets, token):
    arguments = {"token": token, "download_mode": "force_redownload"}
    whole = datasets.load_dataset(REPOSITORY, **arguments)
    assert list(whole) == ["train"]
    texts = whole["train"]["text"][:]
    assert sorted(texts) == sorted(TEXTS)
    assert whole["train"].features == datasets.Features.from_arrow_schema(POSTS_SCHEMA)
    part = datasets.load_dataset(
        REPOSITORY, "posts", split="train[:3]", revision="v1.0", token=token
    )
    assert part["text"][:] == texts[:3]
    stream = datasets.load_dataset(REPOSITORY, split="train", streaming=True, token=token)
    assert [row["text"] for row in stream] == texts
    with pytest.raises(ValueError, match="conversation"):
        datasets.load_dataset(REPOSITORY, "conversation", token=token)


def test_what_the_hub_says_of_it(hub, token):
    api = hub.HfApi(token=token)
    info = api.dataset_info(REPOSITORY, files_metadata=True)
    assert (info.id, info.author, info.sha, info.gated) == (
        REPOSITORY,
        "commonplace",
        commit(),
        "manual",
    )
    assert info.last_modified == snapshot().published_at
    assert info.card_data.license_name == "commonplace-pretraining"
    assert info.card_data.language == ["en"]
    shards = {shard.path: shard for shard in Shard.objects.all()}
    assert set(api.list_repo_files(REPOSITORY, **AS_DATASET)) == DOCUMENTS | set(shards)
    assert {
        file.rfilename: file.lfs.sha256 for file in info.siblings if file.rfilename in shards
    } == {path: shard.sha256 for path, shard in shards.items()}
    assert [entry.path for entry in api.list_repo_tree(REPOSITORY, **AS_DATASET)] == sorted(
        DOCUMENTS | {"data", "proofs"}
    )
    some = api.get_paths_info(REPOSITORY, ["data", "README.md", "none"], **AS_DATASET)
    assert [type(entry).__name__ for entry in some] == ["RepoFolder", "RepoFile"]
    assert api.file_exists(REPOSITORY, "manifest.json", **AS_DATASET)
    assert not api.file_exists(REPOSITORY, "words.py", **AS_DATASET)
    refs = api.list_repo_refs(REPOSITORY, **AS_DATASET)
    assert [(ref.name, ref.target_commit) for ref in (*refs.branches, *refs.tags)] == [
        ("main", commit()),
        ("v1.0", commit()),
    ]


def test_whose_token_it_is(hub, token):
    me = hub.HfApi(token=token).whoami()
    assert (me["name"], me["auth"]["accessToken"]["displayName"]) == ("reader", "cluster")
    with pytest.raises(hub.errors.HfHubHTTPError, match="Invalid user token"):
        hub.HfApi(token="cp_made_up").whoami()


def test_a_downloaded_folder_is_what_was_signed_and_duckdb_reads_it(hub, folder, site, monkeypatch):
    signed = (folder / "manifest.json").read_bytes()
    with urlopen(f"{site}/api/v1/signing-key") as answer:
        assert verify_manifest(
            signed, (folder / "manifest.json.sig").read_text(), b64decode(answer.read())
        )
    for entry in orjson.loads(signed)["shards"]:
        content = (folder / entry["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            entry["bytes"],
            entry["sha256"],
        )
    assert (folder / "removals.jsonl").read_bytes() == b""
    assert hub.DatasetCard.load(folder / "README.md").data.size_categories == ["n<1K"]
    assert Download.objects.filter(path__startswith="data/", token_name="cluster").exists()
    monkeypatch.chdir(folder.parent)
    assert import_module("duckdb").sql(code_for("DuckDB")).fetchall() == [("en", len(TEXTS))]
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    checked = subprocess.run(
        ["bash", "-ec", code_for("Check what you have")], capture_output=True, text=True
    )
    assert checked.stdout.endswith(f": OK\nsigned by {site}\n"), checked.stderr
    assert checked.stdout.count(": OK") == Shard.objects.count()


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame:Warning")
def test_mlcroissant_takes_the_description_and_reads_the_rows(
    mlcroissant, folder, site, reader, monkeypatch
):
    local = mlcroissant.Dataset(folder / "croissant.json")
    assert sorted(record["posts/text"].decode() for record in local.records("posts")) == sorted(
        TEXTS
    )
    assert not local.metadata.ctx.issues.errors | local.metadata.ctx.issues.warnings
    assert local.metadata.data_use_cases
    # A description by its address names the files by theirs; a single file is fetched with the token as password.
    published("single", recipe=recipe(100))
    granted(reader, "single")
    monkeypatch.setenv("CROISSANT_BASIC_AUTH_USERNAME", "reader")
    monkeypatch.setenv("CROISSANT_BASIC_AUTH_PASSWORD", create_token(user=reader, name="croissant"))
    remote = mlcroissant.Dataset(f"{site}/api/datasets/commonplace/single/croissant")
    assert sorted(record["posts/text"].decode() for record in remote.records("posts")) == sorted(
        TEXTS
    )


def test_the_command_line_downloads_it(environment, token, tmp_path):
    hf = Path(sys.executable).with_name("hf")
    command = [
        hf,
        "download",
        "--repo-type",
        "dataset",
        REPOSITORY,
        "README.md",
        "--local-dir",
        tmp_path,
    ]
    done = subprocess.run(
        command, env=environment | {"HF_TOKEN": token}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "README.md").read_text().startswith("---\npretty_name: words, v1.0\n")


@pytest.fixture
def erased_midway(reader, monkeypatch) -> str:
    """Have a row of the second shard erased once a file of the first went out, and return the commit of before."""
    first = commit()

    def serve(request, file, grant, **options):
        response = http.serve_file(request, file, grant, **options)
        if request.method == "GET" and file.path.startswith("data/") and commit() == first:
            delete_post(post=Post.objects.latest("pk"))
            erase_revoked()
        return response

    monkeypatch.setattr(views, "serve_file", serve)
    return first


def test_a_download_under_way_when_a_row_is_erased_says_what_to_do_and_ends_well_the_second_time(
    hub, token, tmp_path, erased_midway
):
    """What went out before is kept, and nothing is mixed: the script finds one state in the folder."""
    arguments = AS_DATASET | {"token": token, "local_dir": tmp_path / "words", "max_workers": 1}
    with pytest.raises(
        hub.errors.HfHubHTTPError, match=r"since v1\.0, .* Start the download again"
    ) as refused:
        hub.snapshot_download(REPOSITORY, **arguments)
    assert refused.value.response.status_code == 410
    folder = Path(hub.snapshot_download(REPOSITORY, **arguments))
    assert (
        hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()[:40]
        == commit()
        != erased_midway
    )
    script = [
        sys.executable,
        "-I",
        Path("verify/commonplace_dataset.py").resolve(),
        "verify",
        folder,
    ]
    checked = subprocess.run([*script, "--key", site_public_key()], capture_output=True, text=True)
    assert "6 of 7 rows are there" in checked.stdout, checked
    fetched = (
        Download.objects.filter(path__contains="train-00000-of-00002")
        .order_by("path")
        .values_list("path", flat=True)
    )
    assert list(fetched) == sorted(Shard.objects.filter(number=0).values_list("path", flat=True))


def test_what_clients_make_of_an_earlier_state(hub, datasets, environment, token, tmp_path):
    first = commit()
    delete_post(post=Post.objects.latest("pk"))
    erase_revoked()
    whole = datasets.load_dataset(REPOSITORY, split="train", revision="v1.0", token=token)
    assert sorted(whole["text"][:]) == sorted(TEXTS[:-1])
    with pytest.raises(
        Exception, match=r"since v1\.0, .* Start the download again with main or v1\.1"
    ):
        datasets.load_dataset(REPOSITORY, split="train", revision=first, token=token)
    hf = Path(sys.executable).with_name("hf")
    command = [
        hf,
        "download",
        "--repo-type",
        "dataset",
        REPOSITORY,
        "--revision",
        first,
        "--local-dir",
        tmp_path,
    ]
    done = subprocess.run(
        command, env=environment | {"HF_TOKEN": token}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Start the download again with main or v1.1" in done.stderr
    untouched = Shard.objects.get(number=0, format="parquet")
    path = hub.hf_hub_download(
        REPOSITORY, untouched.path, **AS_DATASET, revision=first, token=token
    )
    assert hashlib.sha256(Path(path).read_bytes()).hexdigest() == untouched.sha256


def test_curl_never_puts_the_rest_of_one_state_behind_the_beginning_of_another(token, tmp_path):
    def run(code: str) -> tuple[int, bytes]:
        done = subprocess.run(
            ["bash", "-c", code.replace("cp_…", token)], cwd=tmp_path, capture_output=True
        )
        return done.returncode, file.read_bytes()

    shard, code = (
        Shard.objects.get(number=0, format="parquet"),
        code_for("curl (resumable)"),
    )
    file = tmp_path / "words-v1.0" / shard.path
    code_of_whole, whole = run(code)
    file.write_bytes(whole[:100])
    assert (code_of_whole, hashlib.sha256(whole).hexdigest()) == (0, shard.sha256)
    assert run(code) == (0, whole)
    file.write_bytes(whole[:100])
    delete_post(post=Post.objects.earliest("pk"))
    erase_revoked()
    # The status by which `-f` tells that the server refused.
    assert run(code) == (22, whole[:100])
    file = tmp_path / "words-v1.1" / shard.path
    shard.refresh_from_db()
    code_of_next, content = run(code_for("curl (resumable)"))
    assert (code_of_next, hashlib.sha256(content).hexdigest()) == (0, shard.sha256)


def test_a_download_that_broke_off_goes_on(hub, token, tmp_path, monkeypatch):
    """The client asks for the rest by range, and what it puts together is the file."""
    shard = Shard.objects.filter(format="parquet").order_by("path").first()
    content = b"".join(bytes(part.data) for part in shard.chunks.order_by("number"))

    def break_off(shard: Shard, span: ByteRange, grant: AccessRequest) -> Iterator[bytes]:
        monkeypatch.setattr(http, "stream_with_revocation_checks", whole)
        yield content[:1000]
        raise ServingRevokedError

    whole = http.stream_with_revocation_checks
    monkeypatch.setattr(http, "stream_with_revocation_checks", break_off)
    # Such small pieces that some come through, and little patience with a server that keeps the connection.
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 500)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DOWNLOAD_TIMEOUT", 1)
    path = hub.hf_hub_download(
        REPOSITORY, shard.path, **AS_DATASET, token=token, cache_dir=tmp_path
    )
    assert Path(path).read_bytes() == content
    noted = (
        Download.objects.filter(path=shard.path).order_by("pk").values_list("status", "bytes_asked")
    )
    assert list(noted) == [(200, shard.size), (206, shard.size - 1000)]


def test_who_has_no_access_is_told_what_to_do(hub, reader, bob, site, tmp_path):
    gated = hub.errors.GatedRepoError
    expired = create_token(user=bob, name="bob")
    consent_only = create_token(user=reader, name="other", scopes=["consent"])
    for token, status, words in [
        (False, 401, "has to be granted"),
        (expired, 403, f"Ask at {site}/datasets/words/"),
        (consent_only, 403, "lacks the scope datasets:read"),
    ]:
        assert hub.HfApi(token=token).dataset_info(REPOSITORY).gated == "manual"
        with pytest.raises(gated, match=words) as refused:
            hub.hf_hub_download(
                REPOSITORY, "README.md", **AS_DATASET, token=token, cache_dir=tmp_path
            )
        assert refused.value.response.status_code == status
    with pytest.raises(hub.errors.HfHubHTTPError, match="Invalid credentials"):
        hub.hf_hub_download(
            REPOSITORY, "README.md", **AS_DATASET, token="cp_made_up", cache_dir=tmp_path
        )
    assert not Download.objects.exists()


def test_datasets_says_that_access_is_missing(datasets, reader):
    with pytest.raises(datasets.exceptions.DatasetNotFoundError, match="gated"):
        datasets.load_dataset(REPOSITORY, token=False)


def test_what_is_not_there(hub, token, tmp_path):
    errors = hub.errors
    for error, repository, path, revision in [
        (errors.RepositoryNotFoundError, "commonplace/none", "README.md", "main"),
        (errors.RevisionNotFoundError, REPOSITORY, "README.md", "v2.0"),
        (errors.RevisionNotFoundError, REPOSITORY, "README.md", "0" * 40),
        (errors.RemoteEntryNotFoundError, REPOSITORY, "none.txt", "main"),
    ]:
        with pytest.raises(error):
            hub.hf_hub_download(
                repository, path, **AS_DATASET, revision=revision, token=token, cache_dir=tmp_path
            )


def test_a_withdrawn_row_stops_the_file_at_once_and_says_why(
    hub, token, alice, tmp_path, monkeypatch
):
    waits: list[float] = []
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", waits.append)
    path = Shard.objects.filter(format="parquet").order_by("path").values_list("path", flat=True)[0]
    withdraw(alice)
    with pytest.raises(hub.errors.GatedRepoError, match="no longer share") as refused:
        hub.hf_hub_download(REPOSITORY, path, **AS_DATASET, token=token, cache_dir=tmp_path)
    assert refused.value.response.status_code == 503
    assert waits == [WITHHELD_WAIT_SECONDS + 1] * 5
