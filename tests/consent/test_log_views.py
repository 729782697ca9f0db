"""The log as other programs read it: C2SP tlog-tiles, as far as a checkpoint covers it."""

import gzip

import pytest
from django.conf import settings
from django.urls import reverse

from consent.models import ConsentEvent
from consent.transparency_log import merkle
from consent.transparency_log.checkpoints import parse_tree_head, sign_checkpoint
from consent.transparency_log.keys import signing_key
from consent.transparency_log.notes import open_note, parse_key
from consent.transparency_log.tiles import Tile, parse_tile
from tests.consent.ledger import fill
from tests.factories import grant, withdraw


def hashes(body: bytes) -> list[bytes]:
    return [body[start : start + 32] for start in range(0, len(body), 32)]


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("0/000", Tile(0, 0)),
        ("0/x001/x234/067", Tile(0, 1_234_067)),
        ("63/001.p/255", Tile(63, 1, 255)),
        ("entries/x001/000.p/1", Tile(0, 1000, 1, is_entries=True)),
    ],
)
def test_each_tile_is_written_in_one_way(path, tile):
    assert parse_tile(path) == tile
    assert str(tile) == path


@pytest.mark.parametrize(
    "path",
    [
        *[
            "",
            "0",
            "0/",
            "0/0",
            "0/00",
            "0/0000",
            "0/1000",
            "00/000",
            "01/000",
            "64/000",
            "100/000",
        ],
        *[
            "0/000.p/0",
            "0/000.p/00",
            "0/000.p/01",
            "0/000.p/256",
            "0/000.p/",
            "0/000.p",
            "0/000.p/1/",
            "0/000/",
            "-1/000",
        ],
        *[
            "0/x000/001",
            "0/001/002",
            "0/x001",
            "0/x01/002",
            "entries",
            "entries/0",
            "x/000",
            "0/٠٠٠",
            "0/000\n",
        ],
    ],
)
def test_what_is_no_tile_is_refused(path):
    assert parse_tile(path) is None


def test_the_checkpoint(client, alice):
    grant(alice)
    signed = sign_checkpoint()
    withdraw(alice)
    response = client.get("/log/checkpoint")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert set(response["Cache-Control"].split(", ")) == {"public", "max-age=5"}
    assert response.content.decode() == signed.note
    assert parse_tree_head(open_note(signed.note, [signing_key().verifier])).size == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["checkpoint", "tile/0/000.p/1", "tile/0/000", "tile/entries/000.p/1"]
)
def test_before_the_first_signature_there_is_nothing(client, path):
    response = client.get(f"/log/{path}")
    assert response.status_code == 404
    assert response["Content-Type"] == "text/plain; charset=utf-8"


def test_tiles_hold_the_tree_of_the_checkpoint(client, alice):
    fill(alice, 300)
    checkpoint = sign_checkpoint()
    full, part = client.get("/log/tile/0/000"), client.get("/log/tile/0/001.p/44")
    above = client.get("/log/tile/1/000.p/1")
    assert set(full["Cache-Control"].split(", ")) == {"public", "max-age=31536000", "immutable"}
    assert full["Content-Type"] == "application/octet-stream"
    assert len(full.content) == 8192
    assert hashes(above.content) == [merkle.full_root(hashes(full.content))]
    leaves = hashes(full.content) + hashes(part.content)
    assert merkle.root(300, merkle.in_memory(leaves)) == bytes(checkpoint.root)
    assert hashes(client.get("/log/tile/0/001.p/7").content) == hashes(part.content)[:7]


def test_nothing_is_served_that_no_checkpoint_covers(client, alice):
    fill(alice, 300)
    sign_checkpoint()
    fill(alice, 600)
    for path in (
        "0/001",
        "0/001.p/45",
        "0/002.p/1",
        "1/000.p/2",
        "1/000",
        "2/000.p/1",
        "entries/001.p/45",
    ):
        assert client.get(f"/log/tile/{path}").status_code == 404, path


def test_entries_are_commitments_that_hash_to_the_leaves(client, alice):
    fill(alice, 3)
    sign_checkpoint()
    body = client.get("/log/tile/entries/000.p/3").content
    assert len(body) == 3 * 34
    entries = [body[start + 2 : start + 34] for start in range(0, len(body), 34)]
    assert all(body[start : start + 2] == b"\x00\x20" for start in range(0, len(body), 34))
    assert list(map(merkle.leaf_hash, entries)) == hashes(client.get("/log/tile/0/000.p/3").content)
    assert entries == [event.entry() for event in ConsentEvent.objects.order_by("position")]


def test_entries_are_compressed_for_those_who_ask(client, alice):
    fill(alice, 3)
    sign_checkpoint()
    plain = client.get("/log/tile/entries/000.p/3")
    small = client.get("/log/tile/entries/000.p/3", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert plain["Vary"] == small["Vary"] == "Accept-Encoding"
    assert gzip.decompress(small.content) == plain.content


@pytest.mark.parametrize("path", ["0/001", "1/000.p/2", "entries/001"])
def test_a_tile_costs_two_queries_of_few_rows(client, alice, path, django_assert_num_queries):
    fill(alice, 600)
    sign_checkpoint()
    with django_assert_num_queries(2) as queries:
        assert client.get(f"/log/tile/{path}").status_code == 200
    size, rows = (query["sql"] for query in queries.captured_queries)
    assert "LIMIT 1" in size
    assert ">= " in rows
    assert "< " in rows


def test_keys(client, alice):
    grant(alice)
    sign_checkpoint()
    said = client.get("/log/keys").json()
    assert said["current"] == str(signing_key().verifier)
    assert [key["vkey"] for key in said["keys"]] == [said["current"]]
    assert parse_key(said["current"]).name == said["origin"]


@pytest.mark.django_db
def test_the_script_is_handed_out_as_it_is(client):
    response = client.get("/log/commonplace_verify.py")
    assert (
        b"".join(response) == (settings.BASE_DIR / "verify" / "commonplace_verify.py").read_bytes()
    )
    assert response["Content-Disposition"] == 'attachment; filename="commonplace_verify.py"'


@pytest.mark.parametrize("signed", [True, False])
def test_the_page(client, alice, signed):
    grant(alice)
    if signed:
        sign_checkpoint()
    page = client.get(reverse("consent:log"))
    assert page.status_code == 200
    assert (b"Nothing has been signed yet" in page.content) is not signed


@pytest.mark.parametrize(
    "path", ["", "checkpoint", "keys", "commonplace_verify.py", "tile/0/000.p/1"]
)
def test_the_log_is_read_only(client, alice, path):
    assert client.post(f"/log/{path}").status_code == 405
