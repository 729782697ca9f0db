"""The script for engineers: what the site writes is valid, altered files are not, and copies follow removals."""

import base64
import hashlib
import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest
import yaml
import zstandard

from consent.transparency_log.keys import signing_seed
from dataset_export.eligibility import documents_of
from dataset_export.erasure.rewrite_shard import content_of
from dataset_export.erasure.services import erase_revoked
from dataset_export.models import Snapshot
from dataset_export.pipeline.manifest import sign
from dataset_export.pipeline.rows import POSTS_SCHEMA
from dataset_export.pipeline.shards import read_jsonl_shard
from dataset_export.publication.removals import snapshot_removals
from dataset_export.signing.manifests import site_public_key
from posts.models import Post
from posts.services import delete_post
from tests.dataset_export.snapshots import in_train, published
from tests.factories import grant, post, withdraw

pytestmark = pytest.mark.django_db

SCRIPT = Path(__file__).resolve().parents[2] / "verify" / "commonplace_dataset.py"
TOKEN = "token-of-an-engineer"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("commonplace_dataset", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def words(alice, bob) -> Snapshot:
    for author, text in [
        (alice, "The starter was fed with rye before the train left for the coast."),
        (bob, "Nobody knows why this crust goes soft in one single night."),
        (alice, "Two loaves came out, one of them for the neighbour downstairs."),
        (bob, "A stone mill is far too loud for a flat with thin walls."),
        (alice, "More salt than the recipe says, and less of everything else."),
    ]:
        post(author, text)
    grant(alice)
    grant(bob)
    return published(recipe=in_train(3))


def downloaded(snapshot: Snapshot, folder: Path) -> Path:
    """Lay down a snapshot as a client that downloads it all does."""
    snapshot.refresh_from_db()
    files = {shard.path: content_of(shard) for shard in snapshot.shards.all()}
    files |= {document.path: bytes(document.content) for document in documents_of(snapshot)}
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def run(*arguments: str | Path) -> tuple[int, str]:
    """Run the script as a program that knows nothing of the site."""
    done = subprocess.run(
        [sys.executable, "-I", SCRIPT, *arguments],
        capture_output=True,
        text=True,
        cwd=SCRIPT.parent,
        env={},
    )
    assert not done.stderr
    return done.returncode, done.stdout.strip()


def test_a_whole_download_is_valid(words, tmp_path):
    code, said = run("verify", downloaded(words, tmp_path), "--key", site_public_key())
    assert (code, said) == (
        0,
        "valid: 9 files, 5 of 5 rows are there and make the root, 0 are proven to be removed; signed",
    )


def test_after_an_erasure_it_is_valid_and_shows_what_went(words, bob, tmp_path):
    withdraw(bob)
    erase_revoked()
    code, said = run("verify", downloaded(words, tmp_path), "--key", site_public_key())
    assert code == 0
    assert "3 of 5 rows are there and make the root, 2 are proven to be removed; signed" in said


def repacked(change) -> object:
    """Return a change to the lines of a compressed file, with which the manifest agrees again."""

    def alter(folder: Path, path: str) -> None:
        lines = (
            zstandard.ZstdDecompressor()
            .decompressobj()
            .decompress((folder / path).read_bytes())
            .splitlines()
        )
        content = zstandard.ZstdCompressor().compress(
            b"".join(line + b"\n" for line in change(lines))
        )
        (folder / path).write_bytes(content)
        agree(folder, path, content)

    return alter


def agree(folder: Path, path: str, content: bytes) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (entry,) = (entry for entry in manifest["shards"] if entry["path"] == path)
    entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def flipped(folder: Path, path: str) -> None:
    content = bytearray((folder / path).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / path).write_bytes(content)


def said_to_be_gone(proofs: list[bytes]) -> list[bytes]:
    """Put the proof of the removed row in the place of that of a row that is there."""
    gone = next(line for line in proofs if line.startswith(b'{"leaf"'))
    there = next(line for line in proofs if line.startswith(b'{"salt"'))
    return [gone if line == there else line for line in proofs]


ROWS, PROOF = "data/train-00000-of-00002.jsonl.zst", "proofs/posts/train-00000-of-00002.jsonl.zst"
ALTERED = {
    "a byte of a file": (flipped, ROWS, "is not the file of the manifest"),
    "a file that is gone": (
        lambda folder, path: (folder / path).unlink(),
        PROOF,
        "1 files are missing",
    ),
    "two rows exchanged": (repacked(lambda lines: lines[::-1]), ROWS, "do not make the root"),
    "a word of a row": (
        repacked(lambda lines: [lines[0].replace(b'"text":"', b'"text":"Oat '), *lines[1:]]),
        ROWS,
        "the root",
    ),
    "a row less": (repacked(lambda lines: lines[1:]), ROWS, "has 1 rows, and the manifest says 2"),
    "another salt": (repacked(lambda lines: lines[::-1]), PROOF, "the root"),
    "a proof less": (
        repacked(lambda lines: lines[:-1]),
        PROOF,
        "has 2 rows, and the manifest says 3",
    ),
    "a row said to be gone": (
        repacked(lambda lines: said_to_be_gone(lines)),
        PROOF,
        "without a proof",
    ),
    "removals that are not told": (
        lambda folder, path: (folder / path).write_bytes(b""),
        "removals.jsonl",
        "manifest",
    ),
}


@pytest.mark.parametrize("what", ALTERED)
def test_what_was_altered_is_invalid(words, bob, tmp_path, script, what):
    alter, path, why = ALTERED[what]
    delete_post(post=Post.objects.filter(author=bob).earliest("pk"))
    erase_revoked()
    folder = downloaded(words, tmp_path)
    assert script.verify(folder, None, partial=False)
    alter(folder, path)
    with pytest.raises(script.VerificationError, match=why):
        script.verify(folder, None, partial=False)


def test_a_manifest_of_somebody_else_is_invalid(words, tmp_path):
    folder = downloaded(words, tmp_path)
    other = base64.b64encode(bytes(range(32))).decode()
    assert run("verify", folder, "--key", other)[1].startswith("invalid: ")
    manifest = (folder / "manifest.json").read_text().replace('"authors": 2', '"authors": 3')
    (folder / "manifest.json").write_text(manifest)
    assert run("verify", folder, "--key", site_public_key()) == (
        1,
        "invalid: manifest.json was not signed with this key",
    )


@pytest.mark.parametrize("path", ["../secret", "/etc/hosts", "data/../../x", "a\\b"])
def test_a_manifest_leads_to_no_place_outside_the_folder(words, tmp_path, script, path):
    folder = downloaded(words, tmp_path)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["shards"][0]["path"] = path
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(script.VerificationError, match="no place in the folder"):
        script.verify(folder, None, partial=True)


def test_with_partial_only_what_is_there_is_checked(words, tmp_path, script):
    folder = downloaded(words, tmp_path)
    for path in folder.rglob("*.jsonl.zst"):
        path.unlink()
    assert "the root was not checked" in script.verify(folder, None, partial=True)
    flipped(folder, "data/train-00001-of-00002.parquet")
    with pytest.raises(script.VerificationError, match="not the file"):
        script.verify(folder, None, partial=True)


@pytest.mark.parametrize("path", ["README.md", "croissant.json", "removals.jsonl", ROWS, PROOF])
def test_what_is_not_whole_is_invalid_without_partial(words, tmp_path, script, path):
    folder = downloaded(words, tmp_path)
    (folder / path).unlink()
    with pytest.raises(script.VerificationError, match=f"1 files are missing, {path} first"):
        script.verify(folder, site_public_key(), partial=False)
    assert script.verify(folder, site_public_key(), partial=True)


@pytest.mark.parametrize("path", ["README.md", "croissant.json", "removals.jsonl"])
def test_a_document_that_was_altered_is_invalid(words, tmp_path, script, path):
    """The terms and the licence stand in the card."""
    folder = downloaded(words, tmp_path)
    (folder / path).write_bytes((folder / path).read_bytes() + b" ")
    for partial in (False, True):
        with pytest.raises(script.VerificationError, match=f"{path} is not the"):
            script.verify(folder, site_public_key(), partial=partial)


def test_an_older_manifest_without_documents_is_valid_and_that_is_said(words, tmp_path, script):
    folder = downloaded(words, tmp_path)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["documents"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for path in ("README.md", "croissant.json", "removals.jsonl"):
        (folder / path).unlink()
    assert "card and description are not named" in script.verify(folder, None, partial=False)


@pytest.mark.parametrize("path", ["../README.md", "data/README.md", "/etc/hosts", None])
def test_a_manifest_names_no_other_documents(words, tmp_path, script, path):
    folder = downloaded(words, tmp_path)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["documents"][0]["path"] = path
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(script.VerificationError, match="no document of a dataset"):
        script.verify(folder, None, partial=True)


class Site(BaseHTTPRequestHandler):
    """A site that tells removals as the API does, one a page."""

    rows: list[dict]
    acknowledged: list[dict]
    asked: list[str]
    withdrawn_roots: list[str]
    altered: dict[str, object]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        after = self.path.partition("?after=")[2] or "0.0"
        number = int(after.partition(".")[0])
        read = min(number + 1, len(self.rows))
        page = {
            "name": "words",
            "after": after,
            "removals": self.rows[number:read],
            "cursor": f"{read}.0",
            "next": f"{read}.0" if read < len(self.rows) else None,
            "revision": "v1.1",
            "withdrawn_roots": self.withdrawn_roots,
        } | self.altered
        rest = orjson.dumps(page, option=orjson.OPT_SORT_KEYS)
        self.answer(200, page | {"signature": sign(rest, signing_seed())})

    def do_POST(self) -> None:
        self.asked.append(self.path)
        self.acknowledged.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.answer(201, {})

    def answer(self, status: int, content: dict) -> None:
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            status, content = 401, {}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    Site.rows, Site.acknowledged, Site.asked = [], [], []
    Site.withdrawn_roots, Site.altered = [], {}
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_copy_follows_removals_and_says_so(words, bob, tmp_path, site):
    folder, token = downloaded(words, tmp_path / "copy"), tmp_path / "token"
    token.write_text(TOKEN + "\n")
    assert run("acknowledge", folder, "--site", site, "--token-file", token)[0] == 1
    withdraw(bob)
    erase_revoked()
    Site.rows = list(snapshot_removals(words))
    reach = ("--site", site, "--token-file", token)
    code, said = run("removals", folder, *reach, "--key", site_public_key())
    assert (code, said) == (
        0,
        "2 rows were removed by v1.1; 4 lines and rows went from the files here",
    )
    gone = {row["id"] for row in Site.rows}
    for path in folder.glob("data/*.zst"):
        assert not gone & {orjson.loads(line)["id"] for line in read_jsonl_shard(path.read_bytes())}
    parquet = [pq.read_table(path) for path in sorted(folder.glob("data/*.parquet"))]
    assert sum(table.num_rows for table in parquet) == 3
    assert not gone & {name for table in parquet for name in table["id"].to_pylist()}
    again = "0 rows were removed by v1.1; 0 lines and rows went from the files here"
    assert run("removals", folder, *reach)[1] == again
    assert run("acknowledge", folder, *reach) == (0, "acknowledged words v1.1")
    assert Site.acknowledged == [{"revision": "v1.1"}]
    assert Site.asked[0] == "/api/v1/datasets/words/removals"
    assert Site.asked[-1] == "/api/v1/datasets/words/acknowledgements"


def test_a_folder_that_followed_removals_is_loaded_as_before(
    words, bob, tmp_path, site, script, datasets
):
    folder = downloaded(words, tmp_path / "copy")
    withdraw(bob)
    erase_revoked()
    Site.rows = list(snapshot_removals(words))
    assert script.apply_removals(folder, site, TOKEN, site_public_key())
    loaded = datasets.load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))
    assert len(loaded) == 3
    assert loaded.features == datasets.Features.from_arrow_schema(POSTS_SCHEMA)
    once = (folder / "README.md").read_text()
    assert once.count("were taken out of this copy") == 1
    front = yaml.safe_load(once.split("---\n")[1])
    before = yaml.safe_load(
        bytes(words.documents.get(path="README.md", revision=0).content).decode().split("---\n")[1]
    )
    for info in before["dataset_info"]:
        for number in ("splits", "download_size", "dataset_size"):
            del info[number]
    assert front == before
    builder = datasets.load_dataset_builder(str(folder), cache_dir=str(tmp_path / "cache"))
    assert builder.info.features == datasets.Features.from_arrow_schema(POSTS_SCHEMA)
    script.correct_card(folder, "v1.2")
    assert (folder / "README.md").read_text() == once.replace("by v1.1", "by v1.2")


def test_what_the_hubs_tools_keep_is_named_and_deleted_on_demand(
    words, tmp_path, site, script, monkeypatch
):
    home, folder = tmp_path / "home", downloaded(words, tmp_path / "copy")
    fetched, made = (
        home / "hub" / "datasets--commonplace--words",
        home / "datasets" / "commonplace___words",
    )
    others = home / "hub" / "datasets--commonplace--other"
    for path in (fetched / "blobs", made, others):
        path.mkdir(parents=True)
    for name in ("HF_HUB_CACHE", "HF_DATASETS_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(home))
    said = script.apply_removals(folder, site, TOKEN, None)
    assert f"may be left in {fetched}, {made}" in said
    assert f"deleted {fetched}, {made}" in script.apply_removals(
        folder, site, TOKEN, None, clears_cache=True
    )
    assert (fetched.exists(), made.exists(), others.exists()) == (False, False, True)
    inside = downloaded(words, fetched / "snapshots" / "0")
    with pytest.raises(script.VerificationError, match="in a cache of the Hub's tools"):
        script.apply_removals(inside, site, TOKEN, None)


def test_a_feed_that_the_site_did_not_sign_is_refused(words, bob, tmp_path, site, script):
    folder = downloaded(words, tmp_path)
    withdraw(bob)
    erase_revoked()
    Site.rows = list(snapshot_removals(words))
    other = base64.b64encode(
        bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    ).decode()
    with pytest.raises(script.VerificationError, match="not signed with this key"):
        script.apply_removals(folder, site, TOKEN, other)
    with pytest.raises(script.VerificationError, match="401"):
        script.apply_removals(folder, site, "other", None)
    assert script.verify(folder, site_public_key(), partial=False)


@pytest.mark.parametrize(
    "altered", [{"name": "other"}, {"after": "1.0"}, {"name": None}, {"withdrawn_roots": None}]
)
def test_a_signed_page_passes_for_no_other(words, bob, tmp_path, site, script, altered):
    folder = downloaded(words, tmp_path)
    withdraw(bob)
    erase_revoked()
    Site.rows, Site.altered = list(snapshot_removals(words)), altered
    with pytest.raises(script.VerificationError, match=r"something else|missing|no page"):
        script.apply_removals(folder, site, TOKEN, site_public_key())
    assert script.verify(folder, site_public_key(), partial=False)


def test_a_copy_of_what_was_taken_back_has_to_go(words, tmp_path, site, script):
    """Nobody acknowledges a withdrawal by a script that left every file where it was."""
    folder = downloaded(words, tmp_path)
    Site.withdrawn_roots = [words.manifest["merkle_root"]]
    with pytest.raises(script.VerificationError, match="Delete the folder"):
        script.apply_removals(folder, site, TOKEN, site_public_key())
    with pytest.raises(script.VerificationError, match="nothing was applied"):
        script.acknowledge(folder, site, TOKEN)
    Site.withdrawn_roots = ["0" * 64]
    assert script.apply_removals(folder, site, TOKEN, site_public_key()).startswith("0 rows")


@pytest.mark.parametrize("address", ["http://example.org", "ftp://example.org", "example.org", ""])
def test_a_token_travels_encrypted(script, address):
    with pytest.raises(script.VerificationError, match="https"):
        script.site_of(address)
