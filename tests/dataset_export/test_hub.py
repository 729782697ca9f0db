"""The Hub's addresses one by one: what is answered, under which status, with which headers."""

import base64
import hashlib

import pytest
from django.test import Client

from accounts.models import User
from dataset_export.erasure.services import erase_revoked
from dataset_export.hub import views
from dataset_export.hub.files import RepoFile, git_oid, lfs_pointer
from dataset_export.hub.revisions import (
    RepositoryNotFoundError,
    ResolvedRevision,
    RevisionNotFoundError,
    resolve_revision,
)
from dataset_export.models import Document, Download, Shard, Snapshot
from dataset_export.publication.documents import generate_missing_documents
from dataset_export.publication.services import withdraw_snapshot
from posts.models import Post
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import bearer, published
from tests.factories import grant, person, post, recipe, withdraw

API = "/api/datasets/commonplace/words"
FILES = "/datasets/commonplace/words/resolve"


@pytest.fixture
def words(alice) -> Snapshot:
    for number in range(3):
        post(alice, f"On day {number} the bread was better than on any day before.")
    grant(alice)
    return published(recipe=recipe(2))


@pytest.fixture
def reader(words) -> User:
    reader = person("reader")
    granted(reader)
    return reader


@pytest.fixture
def hub(reader) -> Client:
    """A program with a token."""
    return Client(enforce_csrf_checks=True, headers=bearer(reader))


def body(response) -> bytes:
    return response.getvalue()


def test_what_revisions_stand_for(words):
    for revision in ("main", "v1.0", words.manifest_sha256[:40]):
        resolved = resolve_revision("words", revision)
        assert (resolved.snapshot.pk, resolved.commit) == (words.pk, words.manifest_sha256[:40])
    for revision in (
        "v2.0",
        "v1.1",
        "v1",
        "0" * 40,
        words.manifest_sha256,
        "MAIN",
        "",
        "v9999999999.0",
        "main\n",
    ):
        with pytest.raises(RevisionNotFoundError, match=r"main is v1\.0"):
            resolve_revision("words", revision)
    with pytest.raises(RepositoryNotFoundError):
        resolve_revision("other")


@pytest.mark.parametrize(
    "revision",
    [
        "a%0Ab",
        "a%0D%0AX-Evil:%20yes",
        "%F0%9F%8D%9E",
        "%F0%28",
        "refs%2Fconvert%2Fparquet",
        "x" * 3000,
    ],
)
def test_no_revision_gets_into_a_header(hub, revision):
    for path in (
        f"{API}/revision/{revision}",
        f"{API}/tree/{revision}",
        f"{FILES}/{revision}/README.md",
    ):
        response = hub.get(path)
        assert response.status_code == 404, path
        assert "X-Evil" not in response


def test_an_earlier_snapshot_is_served_by_its_revision(words, hub):
    first = words.manifest_sha256[:40]
    second = published(recipe=words.recipe)
    for revision in ("v1.0", first):
        assert resolve_revision("words", revision).snapshot == words
        response = hub.get(f"{FILES}/{revision}/manifest.json")
        assert (response.status_code, response["X-Repo-Commit"]) == (200, first)
        assert body(response) == bytes(words.manifest_json)
    assert (resolve_revision("words").name, resolve_revision("words").snapshot) == ("v2.0", second)


def test_a_name_moves_on_to_what_is_left_and_a_commit_does_not(words, hub):
    first = words.manifest_sha256[:40]
    withdraw(Post.objects.order_by("pk").first().author)
    erase_revoked()
    words.refresh_from_db()
    second = words.manifest_sha256[:40]
    assert second != first
    for revision in ("main", "v1.0", "v1.1", second):
        assert (
            resolve_revision("words", revision).commit,
            resolve_revision("words", revision).number,
        ) == (second, 1)
        assert Client().get(f"{API}/revision/{revision}").json()["sha"] == second
    assert (resolve_revision("words", first).commit, resolve_revision("words", first).number) == (
        first,
        0,
    )
    assert [tag["name"] for tag in Client().get(f"{API}/refs").json()["tags"]] == ["v1.1", "v1.0"]
    assert {tag["targetCommit"] for tag in Client().get(f"{API}/refs").json()["tags"]} == {second}
    assert body(hub.get(f"{FILES}/main/manifest.json")) == bytes(words.manifest_json)
    assert body(hub.get(f"{FILES}/main/removals.jsonl")).count(b"consent_withdrawn") >= 1
    assert b"v1.1" in body(hub.get(f"{FILES}/main/README.md"))


def test_a_withdrawn_data_set_is_not_found(words, hub):
    withdraw_snapshot(snapshot=words)
    for path in (API, f"{API}/tree/main", f"{FILES}/main/README.md", f"{FILES}/v1.0/README.md"):
        response = hub.get(path)
        assert (response.status_code, response["X-Error-Code"]) == (404, "RepoNotFound"), path


def test_an_earlier_snapshot_outlives_the_newest(words, hub):
    """Who pinned it has it still, when what came after it is taken back."""
    withdraw_snapshot(snapshot=published(recipe=words.recipe))
    assert resolve_revision("words", "v1.0").snapshot == words
    response = hub.get(f"{FILES}/v1.0/manifest.json")
    assert (response.status_code, response["X-Repo-Commit"]) == (200, words.manifest_sha256[:40])
    for revision in ("main", "v2.0", "v9.0"):
        response = hub.get(f"{FILES}/{revision}/manifest.json")
        assert (response.status_code, response["X-Error-Code"]) == (404, "RepoNotFound"), revision


@pytest.fixture
def erased_in_between(words, alice, monkeypatch):
    """Have a row erased after a request has found out what its revision stands for, and before it looks for files."""

    def look_up(name: str, revision: str) -> ResolvedRevision:
        resolved = found(name, revision)
        withdraw(alice)
        erase_revoked()
        return resolved

    found = views.found
    monkeypatch.setattr(views, "found", look_up)


@pytest.mark.parametrize("revision", ["main", "v1.0"])
@pytest.mark.parametrize("path", ["manifest.json", "data"])
def test_no_file_goes_under_the_commit_of_another_state(
    words, hub, erased_in_between, revision, path
):
    first = words.manifest_sha256
    path = path if path != "data" else words.shards.get(format="parquet", number=0).path
    response = hub.get(f"{FILES}/{revision}/{path}")
    words.refresh_from_db()
    newest = {
        each.path: each.sha256
        for each in (*words.shards.all(), *words.documents.order_by("revision"))
    }
    of_commit = {words.manifest_sha256[:40]: newest, first[:40]: {"manifest.json": first}}
    assert response.status_code == 200
    assert hashlib.sha256(body(response)).hexdigest() == of_commit[response["X-Repo-Commit"]][path]


def test_no_list_of_files_goes_under_the_commit_of_another_state(words, hub, erased_in_between):
    first = words.manifest
    described = hub.get(f"{API}?blobs=true").json()
    listed = {entry["rfilename"]: entry["lfs"]["sha256"] for entry in described["siblings"]}
    assert described["sha"] == listed["manifest.json"][:40] == words.manifest_sha256[:40]
    assert {path: listed[path] for path in listed if "/" in path} == {
        entry["path"]: entry["sha256"] for entry in first["shards"]
    }


def test_the_description_is_open_and_the_files_are_not(words):
    assert Client().get(API).json()["gated"] == "manual"
    assert {"rfilename": "README.md"} in Client().get(API).json()["siblings"]
    assert "lfs" in Client().get(f"{API}?blobs=true").json()["siblings"][0]
    assert Client().get(f"{API}/tree/main").status_code == 200
    response = Client().get(f"{FILES}/main/README.md")
    assert (response.status_code, response["X-Error-Code"]) == (401, "GatedRepo")
    assert response["WWW-Authenticate"].startswith("Bearer")
    outsider = Client(headers=bearer(person("outsider"))).get(f"{FILES}/main/README.md")
    assert (outsider.status_code, outsider["X-Error-Code"]) == (403, "GatedRepo")
    in_browser = Client()
    in_browser.force_login(person("browsing"))
    assert in_browser.get(f"{FILES}/main/README.md").status_code == 401


def test_a_grant_reaches_one_data_set(hub, words):
    published("other", recipe=words.recipe)
    assert hub.get(f"{FILES}/main/README.md").status_code == 200
    assert hub.get("/datasets/commonplace/other/resolve/main/README.md").status_code == 403


def test_a_token_as_password(reader):
    token = bearer(reader)["Authorization"].removeprefix("Bearer ")

    def status(credentials: bytes) -> int:
        headers = {"Authorization": f"Basic {base64.b64encode(credentials).decode()}"}
        return Client().get(f"{FILES}/main/README.md", headers=headers).status_code

    assert status(f"reader:{token}".encode()) == 200
    assert status(f":{token}".encode()) == 200
    assert status(token.encode()) == 401
    assert status(b"reader:correct horse battery") == 401
    assert Client().get(API, headers={"Authorization": "Basic %%%"}).status_code == 401


def test_the_headers_of_a_file(hub, words):
    shard = words.shards.get(format="parquet", number=0)
    response = hub.head(f"{FILES}/main/{shard.path}")
    assert response.status_code == 200
    assert not response.content
    for name, value in {
        "X-Repo-Commit": words.manifest_sha256[:40],
        "ETag": f'"{shard.sha256}"',
        "X-Linked-Etag": f'"{shard.sha256}"',
        "X-Linked-Size": str(shard.size),
        "Content-Length": str(shard.size),
        "Accept-Ranges": "bytes",
    }.items():
        assert response[name] == value
    assert not Download.objects.exists()


@pytest.mark.parametrize("path", ["README.md", "data"])
def test_parts_of_a_file(hub, words, path):
    """Byte for byte, of a document and of a shard alike."""
    path = path if path != "data" else words.shards.get(format="parquet", number=0).path
    whole = body(hub.get(f"{FILES}/main/{path}"))
    for header, expected in [
        ("bytes=0-9", whole[:10]),
        ("bytes=5-", whole[5:]),
        ("bytes=-7", whole[-7:]),
        (f"bytes={len(whole) - 1}-{len(whole) + 9}", whole[-1:]),
    ]:
        response = hub.get(f"{FILES}/main/{path}", headers={"Range": header})
        assert (response.status_code, body(response)) == (206, expected), header
    past = hub.get(f"{FILES}/main/{path}", headers={"Range": f"bytes={len(whole)}-"})
    assert (past.status_code, past["Content-Range"]) == (416, f"bytes */{len(whole)}")
    changed = hub.get(
        f"{FILES}/main/{path}", headers={"Range": "bytes=0-9", "If-Range": '"another"'}
    )
    assert (changed.status_code, body(changed)) == (200, whole)
    etag = f'"{hashlib.sha256(whole).hexdigest()}"'
    assert hub.get(f"{FILES}/main/{path}", headers={"If-None-Match": etag}).status_code == 304


def test_an_empty_file_is_a_file(hub):
    response = hub.get(f"{FILES}/main/removals.jsonl")
    assert (response.status_code, body(response), response["Content-Length"]) == (200, b"", "0")
    assert hub.get(f"{FILES}/main/removals.jsonl", headers={"Range": "bytes=0-"}).status_code == 416


def test_a_missing_file_is_told_quickly(hub, words, django_assert_max_num_queries):
    """Clients ask for several that hardly any dataset has, each time that they load one."""
    hub.head(f"{FILES}/main/README.md")  # notes the use of the token, once a minute
    for path in (
        "words.py",
        ".huggingface.yaml",
        "dataset_infos.json",
        "data",
        "data/none.parquet",
        "../manage.py",
    ):
        with django_assert_max_num_queries(5):
            response = hub.head(f"{FILES}/main/{path}")
        assert (response.status_code, response["X-Error-Code"]) == (404, "EntryNotFound"), path
        assert response["X-Repo-Commit"] == words.manifest_sha256[:40]


def test_folders(hub, words):
    def listed(path: str) -> list[str]:
        return [entry["path"] for entry in hub.get(f"{API}/tree/main{path}").json()]

    assert listed("") == [
        "README.md",
        "croissant.json",
        "data",
        "manifest.json",
        "manifest.json.sig",
        "proofs",
        "removals.jsonl",
    ]
    proofs = set(words.shards.filter(format="proof").values_list("path", flat=True))
    assert listed("/data") == sorted(
        words.shards.exclude(format="proof").values_list("path", flat=True)
    )
    assert set(listed("/proofs/posts")) == proofs
    assert set(listed("?recursive=true")) == {
        *listed(""),
        *listed("/data"),
        "proofs/posts",
        *proofs,
    }
    missing = hub.get(f"{API}/tree/main/none")
    assert (missing.status_code, missing["X-Error-Code"]) == (404, "EntryNotFound")
    assert hub.get(f"{API}/tree/main/dat").status_code == 404


@pytest.mark.parametrize("content_type", ["application/json", "multipart"])
def test_entries_at_paths(hub, words, content_type):
    asked = {"paths": ["data", "README.md", "none", "README.md"], "expand": True}
    sent = {"content_type": content_type} if content_type != "multipart" else {}
    found = hub.post(f"{API}/paths-info/main", asked, **sent).json()
    assert [(entry["path"], entry["type"]) for entry in found] == [
        ("data", "directory"),
        ("README.md", "file"),
    ]
    document = Document.objects.get(path="README.md")
    assert found[1]["lfs"]["oid"] == document.sha256
    assert found[1]["size"] == document.size


@pytest.mark.parametrize(
    "sent",
    [
        b"[]",
        b'"README.md"',
        b'{"paths": 7}',
        b'{"paths": null}',
        b"{",
        b'{"paths": [{}]}',
        b"[" * 99_999,
    ],
)
def test_nonsense_for_paths_is_refused(hub, sent):
    response = hub.post(f"{API}/paths-info/main", sent, content_type="application/json")
    assert response.status_code in (400, 422)
    assert response["X-Error-Message"]


def test_an_entry_is_what_git_lfs_would_name():
    """The pointer of Git LFS (docs/spec.md), and Git's name for an empty file and for one with a line."""
    assert git_oid(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert git_oid(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    pointer = lfs_pointer(
        RepoFile("a", 12345, "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393")
    )
    assert pointer.decode().splitlines() == [
        "version https://git-lfs.github.com/spec/v1",
        "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393",
        "size 12345",
    ]


def test_documents_stay_what_they_were(words, settings):
    before = dict(Document.objects.values_list("path", "sha256"))
    settings.SITE_URL = "https://elsewhere.example"
    generate_missing_documents()
    assert dict(Document.objects.values_list("path", "sha256")) == before
    for document in Document.objects.all():
        content = bytes(document.content)
        assert (document.sha256, document.size) == (
            hashlib.sha256(content).hexdigest(),
            len(content),
        )
    assert bytes(Document.objects.get(path="manifest.json").content) == bytes(words.manifest_json)


def test_what_was_published_before_gets_its_documents(words):
    before = dict(Document.objects.values_list("path", "sha256"))
    Document.objects.all().delete()
    generate_missing_documents()
    assert dict(Document.objects.values_list("path", "sha256")) == before


def test_a_withheld_shard_and_the_rest(hub, words, alice):
    path = Shard.objects.filter(format="parquet").order_by("path").values_list("path", flat=True)[0]
    withdraw(alice)
    response = hub.get(f"{FILES}/main/{path}")
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "no longer share" in response["X-Error-Message"]
    assert hub.get(f"{FILES}/main/manifest.json").status_code == 200
    assert list(Download.objects.order_by("pk").values_list("path", "status")) == [
        (path, 503),
        ("manifest.json", 200),
    ]


def test_the_page_of_a_repository(client, words):
    assert client.get("/datasets/commonplace/words")["Location"] == "/datasets/words/"


def test_a_browser_gets_files_under_the_same_conditions(client, words, reader, alice, bob):
    path = words.shards.get(format="parquet", number=0).path
    address = f"/datasets/words/files/{path}"
    assert client.get(address)["Location"].startswith("/accounts/login/")
    client.force_login(bob)
    assert client.get(address).status_code == 403
    assert f'href="{address}"' not in client.get("/datasets/words/").content.decode()
    client.force_login(reader)
    assert f'href="{address}"' in client.get("/datasets/words/").content.decode()
    response = client.get(address)
    assert hashlib.sha256(body(response)).hexdigest() == words.shards.get(path=path).sha256
    assert response["Content-Disposition"] == f'attachment; filename="{path.rpartition("/")[2]}"'
    assert client.get("/datasets/words/files/none").status_code == 404
    withdraw(alice)
    withheld = client.get(address)
    assert (withheld.status_code, withheld["Retry-After"]) == (503, "60")
    assert list(Download.objects.order_by("pk").values_list("status", "token_name")) == [
        (200, ""),
        (503, ""),
    ]


def test_the_pages_of_a_data_set(client, words):
    published(recipe=words.recipe)
    assert (
        "Public summary of training content"
        in client.get("/datasets/words/summary").content.decode()
    )
    assert "Motivation" in client.get("/datasets/words/datasheet").content.decode()
    page = client.get("/datasets/words/revisions").content.decode()
    assert page.index("v2.0") < page.index("v1.0")
    assert words.manifest_sha256[:40] in page
    for page in ("", "summary", "datasheet", "revisions"):
        assert client.get(f"/datasets/none/{page}").status_code == 404
