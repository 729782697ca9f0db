"""Laws 6 and 8 where files are handed out: the right bytes, and from a withdrawal on none."""

import hashlib
import io
import json
import secrets
from base64 import b64decode

import orjson
import pyarrow.parquet as pq
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from dataset_export.eligibility import changed_since_watermark
from dataset_export.models import Shard, ShardChunk, Snapshot
from dataset_export.models.shard import PART_BYTES
from dataset_export.storage.shard_reader import ByteRange, RangeNotSatisfiableError, parse_range
from posts.models import Post
from posts.services import delete_post
from tests.dataset_export.grants import granted
from tests.dataset_export.snapshots import bearer, published
from tests.factories import grant, person, post, recipe, withdraw

NOTHING = "416"


@pytest.mark.parametrize(
    ("header", "size", "expected"),
    [
        ("bytes=0-499", 10_000, ByteRange(0, 500)),
        ("bytes=500-999", 10_000, ByteRange(500, 1000)),
        ("bytes=-500", 10_000, ByteRange(9500, 10_000)),
        ("bytes=9500-", 10_000, ByteRange(9500, 10_000)),
        ("bytes=0-0", 10_000, ByteRange(0, 1)),
        ("bytes=-1", 10_000, ByteRange(9999, 10_000)),
        ("bytes=0-", 10_000, ByteRange(0, 10_000)),
        ("bytes=9999-9999", 10_000, ByteRange(9999, 10_000)),
        # A last position beyond the end is the end; a suffix longer than the file is the file.
        ("bytes=9999-20000", 10_000, ByteRange(9999, 10_000)),
        ("bytes=-20000", 10_000, ByteRange(0, 10_000)),
        ("bytes=0-99999999999999999999999", 10_000, ByteRange(0, 10_000)),
        (" bytes=0-1 ", 10_000, ByteRange(0, 2)),
        # Nothing of it is there.
        ("bytes=10000-", 10_000, NOTHING),
        ("bytes=10000-10001", 10_000, NOTHING),
        ("bytes=99999999999999999999999-", 10_000, NOTHING),
        ("bytes=-0", 10_000, NOTHING),
        ("bytes=0-", 0, NOTHING),
        ("bytes=-1", 0, NOTHING),
        # An invalid range is as if none was asked (RFC 9110, section 14.1.1), and several may be ignored.
        ("", 10_000, None),
        ("bytes=", 10_000, None),
        ("bytes=-", 10_000, None),
        ("bytes=5-4", 10_000, None),
        ("bytes=20000-19999", 10_000, None),
        ("bytes=a-b", 10_000, None),
        ("bytes=0x0-0x5", 10_000, None),
        ("bytes=--5", 10_000, None),
        ("bytes=+1-5", 10_000, None),
        ("bytes=1 - 5", 10_000, None),
        ("bytes=0-1,5-6", 10_000, None),
        ("bytes=0-1, -1", 10_000, None),
        ("items=0-1", 10_000, None),
        ("0-1", 10_000, None),
        ("bytes=٠-١", 10_000, None),
        pytest.param("bytes=0-" + "9" * 6000, 10_000, None, id="more digits than Python reads"),
        pytest.param(
            "bytes=" + "9" * 6000 + "-", 10_000, None, id="more digits than Python reads, first"
        ),
    ],
)
def test_a_range_header(header, size, expected):
    if expected == NOTHING:
        with pytest.raises(RangeNotSatisfiableError):
            parse_range(header, size)
    else:
        assert parse_range(header, size) == expected


TEXTS = [
    "The sourdough starter was fed again this morning.",
    "Thanks @bob, the oven is warm and the kitchen smells of bread.",
    "Das Brot ist heute besonders gut gelungen, finde ich.",
]


@pytest.fixture
def reader(db) -> User:
    reader = person("reader")
    granted(reader)
    return reader


@pytest.fixture
def api(client, reader) -> Client:
    """A program with a good token."""
    client.defaults["HTTP_AUTHORIZATION"] = bearer(reader)["Authorization"]
    return client


@pytest.fixture
def words(alice, bob) -> Snapshot:
    """Three posts of Alice's and one of Bob's, published for pretraining."""
    User.objects.filter(pk=alice.pk).update(display_name="Alice Archibald")
    for text in TEXTS:
        post(alice, text)
    post(bob, "Bob answers @alice that the butter is on the table already.")
    grant(alice)
    grant(bob)
    return published()


def address(shard: Shard) -> str:
    return f"/api/v1/datasets/{shard.snapshot.name}/files/{shard.path}"


def body(response) -> bytes:
    return response.getvalue()


def stored(shard: Shard) -> bytes:
    return b"".join(bytes(part.data) for part in shard.chunks.order_by("number"))


@pytest.fixture
def large(words) -> tuple[Shard, bytes]:
    """A file of more than two parts, with bytes of which no two stretches are alike."""
    shard = words.shards.get(format="parquet")
    content = secrets.token_bytes(2 * PART_BYTES + 12_345)
    shard.chunks.all().delete()
    for number in range(3):
        data = content[number * PART_BYTES : (number + 1) * PART_BYTES]
        ShardChunk.objects.create(shard=shard, number=number, data=data)
    shard.size, shard.sha256 = len(content), hashlib.sha256(content).hexdigest()
    shard.save()
    return shard, content


def test_a_whole_file(api, large):
    shard, content = large
    response = api.get(address(shard))
    assert response.status_code == 200
    assert body(response) == content
    assert response["Content-Length"] == str(len(content))
    assert response["ETag"] == f'"{shard.sha256}"'
    assert response["Accept-Ranges"] == "bytes"
    assert "Content-Range" not in response


EDGE = PART_BYTES
SPANS = [
    (0, 0),
    (EDGE - 1, EDGE - 1),
    (EDGE, EDGE),
    (EDGE - 1, EDGE),
    (0, EDGE - 1),
    (EDGE, 2 * EDGE - 1),
    (EDGE - 1, 2 * EDGE),
    (1, 2 * EDGE + 12_343),
    (2 * EDGE, 2 * EDGE + 12_344),
]


def test_ranges_across_the_edges_of_parts(api, large):
    shard, content = large
    for first, last in SPANS:
        response = api.get(address(shard), headers={"Range": f"bytes={first}-{last}"})
        assert response.status_code == 206
        assert body(response) == content[first : last + 1], (first, last)
        assert response["Content-Range"] == f"bytes {first}-{last}/{len(content)}"
        assert response["Content-Length"] == str(last - first + 1)


def test_a_download_that_was_cut_off_can_be_resumed(api, large):
    shard, content = large
    begun = body(api.get(address(shard), headers={"Range": "bytes=0-1500000"}))
    etag = f'"{shard.sha256}"'
    rest = api.get(address(shard), headers={"Range": f"bytes={len(begun)}-", "If-Range": etag})
    assert rest.status_code == 206
    assert begun + body(rest) == content


def test_a_range_of_an_earlier_state_is_answered_with_the_whole_file(api, large):
    shard, content = large
    for validator in ('"another"', f'W/"{shard.sha256}"', "Wed, 21 Oct 2026 07:28:00 GMT"):
        response = api.get(address(shard), headers={"Range": "bytes=0-9", "If-Range": validator})
        assert response.status_code == 200, validator
        assert len(body(response)) == len(content)


@pytest.mark.parametrize("header", ["bytes=0-1,3-4", "bytes=5-4", "nonsense"])
def test_what_is_no_single_range_gets_the_whole_file(api, words, header):
    shard = words.shards.get(format="jsonl")
    response = api.get(address(shard), headers={"Range": header})
    assert response.status_code == 200
    assert body(response) == stored(shard)


def test_a_range_outside_the_file(api, words):
    shard = words.shards.get(format="jsonl")
    response = api.get(address(shard), headers={"Range": f"bytes={shard.size}-"})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{shard.size}"
    assert (response["ETag"], response["Accept-Ranges"]) == (f'"{shard.sha256}"', "bytes")
    assert not response.content


def test_the_unit_of_a_range_is_the_same_in_capitals(api, words):
    """RFC 9110, section 14.1."""
    shard = words.shards.get(format="jsonl")
    response = api.get(address(shard), headers={"Range": "Bytes=1-3"})
    assert (response.status_code, body(response)) == (206, stored(shard)[1:4])


@pytest.mark.parametrize(
    ("template", "status"),
    [
        ('"{sha}"', 206),
        ('"another", "{sha}"', 206),
        ("*", 206),
        ('"another"', 412),
        ('W/"{sha}"', 412),
        ("", 412),
    ],
)
def test_if_match(api, words, template, status):
    """RFC 9110, section 13.1.1: compared strongly, so that nobody joins parts of two states of a file."""
    shard = words.shards.get(format="parquet")
    headers = {"Range": "bytes=0-3", "If-Match": template.format(sha=shard.sha256)}
    response = api.get(address(shard), headers=headers)
    assert (response.status_code, response["ETag"]) == (status, f'"{shard.sha256}"')
    assert bool(body(response)) == (status == 206)


def test_head_tells_all_but_the_bytes(api, words):
    shard = words.shards.get(format="parquet")
    response = api.head(address(shard))
    assert response.status_code == 200
    assert response["Content-Length"] == str(shard.size)
    assert response["ETag"] == f'"{shard.sha256}"'
    assert not body(response)


def test_a_range_is_for_get_only(api, words):
    """RFC 9110, section 14.2: no other method has ranges."""
    shard = words.shards.get(format="parquet")
    response = api.head(address(shard), headers={"Range": "bytes=0-3"})
    assert response.status_code == 200
    assert response["Content-Length"] == str(shard.size)
    assert "Content-Range" not in response


@pytest.mark.parametrize(
    ("template", "status"),
    [
        ('"{sha}"', 304),
        ('W/"{sha}"', 304),
        ('"another", "{sha}"', 304),
        ("*", 304),
        ('"another"', 200),
        ("{sha}", 200),
        ("", 200),
    ],
)
def test_if_none_match(api, words, template, status):
    """RFC 9110, section 13.1.2: a list, compared weakly."""
    shard = words.shards.get(format="parquet")
    response = api.get(address(shard), headers={"If-None-Match": template.format(sha=shard.sha256)})
    assert response.status_code == status
    assert response["ETag"] == f'"{shard.sha256}"'
    assert response["Cache-Control"] == "private, no-cache"
    assert bool(body(response)) == (status == 200)


def test_files_are_what_the_signed_manifest_says(api, client, words):
    signed = api.get("/api/v1/datasets/words/manifest.json").content
    signature = b64decode(
        api.get("/api/v1/datasets/words/manifest.json.sig").content, validate=True
    )
    key = b64decode(Client().get("/api/v1/signing-key").content, validate=True)
    Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    manifest = json.loads(signed)
    assert (manifest["name"], manifest["purpose"], manifest["counts"]["kept"]) == (
        "words",
        "pretraining",
        4,
    )
    assert {shard["format"] for shard in manifest["shards"]} == {"parquet", "jsonl", "proof"}
    for entry in manifest["shards"]:
        content = body(api.get(f"/api/v1/datasets/words/files/{entry['path']}"))
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            entry["bytes"],
            entry["sha256"],
        )


def rows_of(content: bytes) -> list[dict]:
    return [
        orjson.loads(line)
        for line in zstandard.ZstdDecompressor().stream_reader(content).read().splitlines()
    ]


def test_both_formats_hold_the_same_rows(api, words):
    lines = rows_of(body(api.get(address(words.shards.get(format="jsonl")))))
    table = pq.read_table(io.BytesIO(body(api.get(address(words.shards.get(format="parquet"))))))
    rows = table.to_pylist()
    for row in rows:
        row["created_at"] = (
            row["created_at"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
        )
    for row in (*rows, *lines):
        row["quality"]["language_confidence"] = round(row["quality"]["language_confidence"] or 0, 5)
    assert rows == lines
    assert len(lines) == 4


def test_nobody_is_named_in_the_rows(api, words):
    """Law 4: neither authors nor people whom they mention."""
    content = (
        zstandard.ZstdDecompressor()
        .stream_reader(body(api.get(address(words.shards.get(format="jsonl")))))
        .read()
    )
    text = content.decode().casefold()
    for name in ("@alice", "@bob", "alice archibald", "alice@example.org", "reader"):
        assert name not in text
    assert '"author":"alice"' not in text
    assert "sourdough" in text
    for subject in (
        user.consent_subject.pk for user in User.objects.filter(username__in=["alice", "bob"])
    ):
        assert str(subject) not in text
        assert subject.hex not in text


def test_compression_on_the_way_does_not_change_the_bytes(api, words):
    shard = words.shards.get(format="parquet")
    response = api.get(address(shard), headers={"Accept-Encoding": "gzip, br, zstd"})
    assert "Content-Encoding" not in response
    assert body(response) == stored(shard)


def suspend(alice, mine):
    User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now())


def close(alice, mine):
    User.objects.filter(pk=alice.pk).update(is_active=False)


def edit(**fields):
    return lambda alice, mine: Post.objects.filter(pk=mine.pk).update(**fields)


def delete_in_the_admin(alice, mine):
    root = person("root", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(root)
    answer = client.post(f"/admin/posts/post/{mine.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302


ENDINGS = {
    "the account says no": lambda alice, mine: withdraw(alice),
    "the post says no": lambda alice, mine: withdraw(alice, post_id=mine.pk),
    "the account narrows its yes": lambda alice, mine: grant(alice, covers="from_now"),
    "the author deletes the post": lambda alice, mine: delete_post(post=mine),
    "the ORM deletes the post": lambda alice, mine: Post.objects.filter(pk=mine.pk).delete(),
    "a moderator deletes the post": delete_in_the_admin,
    "the person is deleted": lambda alice, mine: alice.delete(),
    "the post becomes unlisted": edit(visibility="unlisted"),
    "the post is for followers": edit(visibility="followers"),
    "the post turns out to be automated": edit(authorship="automated"),
    "the account is suspended": suspend,
    "the account is closed": close,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_may_not_be_used_any_more_is_not_served(api, alice, words, ending):
    assert {api.get(address(shard)).status_code for shard in words.shards.all()} == {200}
    shard = words.shards.get(format="parquet")
    ENDINGS[ending](alice, Post.objects.filter(author=alice).order_by("pk").first())
    for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": f'"{shard.sha256}"'}):
        response = api.get(address(shard), headers=headers)
        assert response.status_code == 503, headers
        assert int(response["Retry-After"]) > 0
        assert "no longer share" in response.json()["error"]
    assert api.head(address(shard)).status_code == 503
    assert api.get(address(words.shards.get(format="jsonl"))).status_code == 503


def test_the_record_of_a_withheld_snapshot_can_still_be_checked(api, alice, words):
    withdraw(alice)
    assert api.get("/api/v1/datasets/words/manifest.json").content == bytes(words.manifest_json)
    assert api.get("/api/v1/datasets/words/").status_code == 200


def test_a_no_for_another_purpose_changes_nothing(api, alice, words):
    grant(alice, "evaluation")
    withdraw(alice, "evaluation")
    withdraw(alice, "open_release", post_id=Post.objects.filter(author=alice).order_by("pk")[0].pk)
    assert {api.get(address(shard)).status_code for shard in words.shards.all()} == {200}


def test_a_no_of_somebody_who_is_not_in_it_changes_nothing(api, charlie, words):
    post(charlie, "Not in it.")
    grant(charlie)
    withdraw(charlie)
    charlie.delete()
    assert {api.get(address(shard)).status_code for shard in words.shards.all()} == {200}


def test_only_the_files_that_hold_the_row_are_withheld(api, reader, alice, bob):
    granted(reader, "two-files")
    for author in (alice, alice, bob, bob):
        post(author, f"{author} wrote number {Post.objects.count()} about bread and time.")
        grant(author)
    made = published("two-files", recipe=recipe(2))
    assert made.shards.count() == 6
    withdraw(bob)
    assert {shard.number: api.get(address(shard)).status_code for shard in made.shards.all()} == {
        0: 200,
        1: 503,
    }


def test_a_new_yes_serves_it_again(api, alice, words):
    shard = words.shards.get(format="jsonl")
    withdraw(alice)
    assert api.get(address(shard)).status_code == 503
    grant(alice, covers="from_now")
    assert api.get(address(shard)).status_code == 503
    grant(alice, covers="everything")
    assert body(api.get(address(shard))) == stored(shard)


def test_a_post_that_says_yes_itself_outlives_the_accounts_no(api, alice, words):
    withdraw(alice)
    for mine in Post.objects.filter(author=alice):
        grant(alice, post_id=mine.pk)
    assert api.get(address(words.shards.get(format="jsonl"))).status_code == 200


def test_what_becomes_public_again_is_served_again(api, alice, words):
    shard = words.shards.get(format="jsonl")
    mine = Post.objects.filter(author=alice).order_by("pk").first()
    edit(visibility="followers")(alice, mine)
    assert api.get(address(shard)).status_code == 503
    edit(visibility="public")(alice, mine)
    assert api.get(address(shard)).status_code == 200


def test_only_published_snapshots_are_there(api, client, words):
    paths = [
        "/api/v1/datasets/words/",
        "/api/v1/datasets/words/manifest.json",
        "/api/v1/datasets/words/manifest.json.sig",
        address(words.shards.get(format="parquet")),
        "/datasets/words/",
    ]
    assert {api.get(path).status_code for path in paths} == {200}
    for state in Snapshot.State.values:
        if state == "published":
            continue
        Snapshot.objects.filter(pk=words.pk).update(state=state)
        assert {api.get(path).status_code for path in paths} == {404}, state
        assert api.get("/api/v1/datasets/").json() == []
        assert b"/datasets/words/" not in api.get("/datasets/").content


@pytest.mark.parametrize(
    "path", ["data/none.parquet", "../manifest.json", "manifest.json", "data/a%00b", "%F0%28"]
)
def test_files_that_do_not_exist(api, words, path):
    response = api.get(f"/api/v1/datasets/words/files/{path}")
    assert response.status_code == 404
    assert "Shard" not in response.content.decode()


def test_a_file_of_another_snapshot_is_not_found_under_this_name(api, alice, words):
    other = published("other", recipe=recipe(1))
    paths = set(other.shards.values_list("path", flat=True)) - set(
        words.shards.values_list("path", flat=True)
    )
    assert paths
    assert {api.get(f"/api/v1/datasets/words/files/{path}").status_code for path in paths} == {404}


def test_old_data_sets_ask_the_ledger_only_for_what_can_take_a_row_away(words):
    """Each download asks for what changed since the build: of a busy year that is hardly any of it."""
    with connection.cursor() as cursor:
        # A busy year: many who say yes to everything, which the ledger's trigger need not number.
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
        columns = "scope, decision, purpose, covers, notice_id, source, app, at, salt, leaf_hash"
        cursor.execute(f"""
            INSERT INTO consent_consentevent (position, subject, {columns})
            SELECT 1000 + number, gen_random_uuid(), {columns}
            FROM (SELECT * FROM consent_consentevent WHERE position = 0) one, generate_series(1, 3000) number
        """)
        cursor.execute("SET LOCAL session_replication_role = 'origin'")
        cursor.execute("ANALYZE consent_consentevent")
    assert "consent_narrowed" in changed_since_watermark(words, words.provenance.all()).explain()
