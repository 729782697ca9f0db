"""What addresses stand for once rows were erased: of a commit the bytes that it always had, or none."""

import orjson
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from dataset_export.delivery import http
from dataset_export.erasure.services import erase_revoked
from dataset_export.models import Shard, Snapshot
from dataset_export.pipeline.shards import read_jsonl_shard
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import bearer, in_train, published
from tests.factories import grant, person, post, withdraw

pytestmark = pytest.mark.django_db
TREE = "/api/datasets/commonplace/words/tree"
FILES = "/datasets/commonplace/words/resolve"
DOCUMENTS = ("README.md", "croissant.json", "manifest.json", "manifest.json.sig", "removals.jsonl")
# A shard with two posts of Alice, and one with two of Bob.
HER_TEXTS = (
    "Fed the starter with rye before the train left.",
    "Baked two loaves and gave one to a neighbour.",
)
HIS_TEXTS = (
    "Wonders why the crust went soft overnight.",
    "Bought a stone mill that is far too loud.",
)
HERS, HIS = "data/train-00000-of-00002.jsonl.zst", "data/train-00001-of-00002.jsonl.zst"


@pytest.fixture
def words(alice, bob) -> Snapshot:
    for author, texts in ((alice, HER_TEXTS), (bob, HIS_TEXTS)):
        for text in texts:
            post(author, text)
        grant(author)
    return published(recipe=in_train(2))


@pytest.fixture
def reader(words) -> User:
    reader = person("reader")
    granted(reader)
    return reader


@pytest.fixture
def hub(reader) -> Client:
    return Client(headers=bearer(reader))


@pytest.fixture
def first(words) -> str:
    return words.revisions.get(number=0).commit


def erased(author: User) -> None:
    withdraw(author)
    assert erase_revoked()


def get(client: Client, revision: str, path: str, **headers: str):
    response = client.get(f"{FILES}/{revision}/{path}", headers=headers)
    return response, response.getvalue()


def test_all_else_of_a_commit_stays_as_it_was_when_rows_of_one_shard_are_erased(
    words, hub, bob, first
):
    paths = (*DOCUMENTS, HERS, HERS.replace("jsonl.zst", "parquet"))
    before = {path: get(hub, first, path) for path in paths}
    listed = hub.get(f"{TREE}/{first}?recursive=true").content
    erased(bob)
    for path, (response, content) in before.items():
        now, same = get(hub, first, path)
        assert (now.status_code, now["ETag"], now["X-Repo-Commit"]) == (
            200,
            response["ETag"],
            first,
        ), path
        assert same == content, path
    assert hub.get(f"{TREE}/{first}?recursive=true").content == listed
    assert get(hub, "main", "removals.jsonl")[1].count(b"\n") == 2


@pytest.mark.parametrize(
    "headers", [{}, {"Range": "bytes=10-"}, {"Range": "bytes=0-9", "If-Range": "etag"}], ids=str
)
def test_a_shard_of_a_commit_that_was_rewritten_is_gone_with_a_sentence_that_says_what_to_do(
    hub, bob, first, headers
):
    etag = get(hub, first, HIS)[0]["ETag"]
    erased(bob)
    response, content = get(
        hub, first, HIS, **headers | ({"If-Range": etag} if "If-Range" in headers else {})
    )
    assert response.status_code == 410
    assert "taken back since v1.0" in response["X-Error-Message"]
    assert "main or v1.1" in response["X-Error-Message"]
    assert orjson.loads(content) == {"error": response["X-Error-Message"]}
    assert "X-Error-Code" not in response
    told = hub.head(f"{FILES}/{first}/{HIS}")
    assert (told.status_code, told["ETag"], told["X-Repo-Commit"]) == (200, etag, first)


@pytest.mark.parametrize("revision", ["main", "v1.0", "v1.1"])
def test_a_name_stands_for_what_is_left(words, hub, alice, bob, revision):
    erased(bob)
    words.refresh_from_db()
    response, content = get(hub, revision, HIS)
    assert (response.status_code, response["X-Repo-Commit"]) == (200, words.manifest_sha256[:40])
    assert read_jsonl_shard(content) == []
    described = orjson.loads(get(hub, revision, "manifest.json")[1])
    assert (described["counts"]["kept"], described["counts"]["removed"]) == (2, 2)


def test_the_rest_of_one_state_never_comes_behind_the_beginning_of_another(words, hub, bob, first):
    old = get(hub, "main", HIS)[0]["ETag"]
    for revision in ("main", "v1.0", first):
        assert get(hub, revision, HIS, Range="bytes=10-")[0].status_code == 206
    erased(bob)
    words.refresh_from_db()
    second = words.manifest_sha256[:40]
    whole = get(hub, second, HIS)[1]
    for revision in ("main", "v1.0", "v1.1"):
        assert get(hub, revision, HIS, Range="bytes=10-", **{"If-Range": old})[1] == whole
        blind, content = get(hub, revision, HIS, Range="bytes=10-")
        assert (blind.status_code, content) == (200, whole)
        # Who names the bytes, or asks for a piece of what is there, gets it.
        known = {"If-Range": blind["ETag"]}
        assert get(hub, revision, HIS, Range="bytes=10-", **known)[1] == whole[10:]
        assert get(hub, revision, HIS, Range="bytes=2-9")[1] == whole[2:10]
        assert get(hub, revision, HIS, Range="bytes=0-")[0].status_code == 206
        assert get(hub, revision, HIS, Range="bytes=10-", **{"If-Match": old})[0].status_code == 412
    assert get(hub, second, HIS, Range="bytes=10-")[1] == whole[10:]
    address = reverse("dataset_export:api-file", args=["words", HIS])
    assert hub.get(address, headers={"Range": "bytes=10-"}).getvalue() == whole


def test_the_rest_of_one_build_never_comes_behind_the_beginning_of_another(words, hub):
    published(recipe=words.recipe)
    assert get(hub, "main", HERS, Range="bytes=10-")[0].status_code == 200
    assert get(hub, "v1.0", HERS, Range="bytes=10-")[0].status_code == 206


@pytest.mark.parametrize("whose", ["hub", "api", "page"])
def test_a_download_that_begins_as_the_file_is_replaced_is_asked_to_come_again(
    client, hub, reader, bob, monkeypatch, whose
):
    def erase_first(shard: Shard) -> bool:
        erased(bob)
        return False

    client.force_login(reader)
    who, address = {
        "hub": (hub, f"{FILES}/main/{HIS}"),
        "api": (hub, reverse("dataset_export:api-file", args=["words", HIS])),
        "page": (client, reverse("dataset_export:file", args=["words", HIS])),
    }[whose]
    monkeypatch.setattr(http, "has_revoked_rows", erase_first)
    response = who.get(address)
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    monkeypatch.undo()
    assert who.get(address).status_code == 200


def test_card_and_description_are_named_in_what_is_signed(words, hub, bob):
    """Also in the manifest of a later state, which has its own."""
    for _ in range(2):
        described = orjson.loads(get(hub, "main", "manifest.json")[1])["documents"]
        assert [each["path"] for each in described] == ["README.md", "croissant.json"]
        for each in described:
            response, content = get(hub, "main", each["path"])
            assert (response["ETag"], len(content)) == (f'"{each["sha256"]}"', each["bytes"])
        if not words.removals.exists():
            erased(bob)
    assert words.revisions.count() == 2
