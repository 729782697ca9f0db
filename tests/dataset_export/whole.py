"""Check of a snapshot all that can be checked by those who have nothing but its files."""

import hashlib
from base64 import b64decode
from collections import Counter

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from dataset_export.eligibility import ordered_shards
from dataset_export.erasure.rewrite_shard import content_of
from dataset_export.models import Snapshot
from dataset_export.pipeline.conversations import CONVERSATIONS_SCHEMA
from dataset_export.pipeline.merkle import merkle_root
from dataset_export.pipeline.rows import POSTS_SCHEMA, row_leaf_hash
from dataset_export.pipeline.shards import read_jsonl_shard, write_shard
from dataset_export.pipeline.text_length import estimated_tokens
from dataset_export.publication.removals import removals_jsonl
from dataset_export.signing.manifests import site_public_key

SCHEMAS = {"posts": POSTS_SCHEMA, "conversations": CONVERSATIONS_SCHEMA}


def lines(snapshot: Snapshot, configuration: str = "posts") -> list[bytes]:
    shards = snapshot.shards.filter(format="jsonl", configuration=configuration).order_by(
        "split", "number"
    )
    return [line for shard in shards for line in read_jsonl_shard(content_of(shard))]


def texts(snapshot: Snapshot) -> str:
    return b"".join(lines(snapshot)).decode()


def root_by_proofs(snapshot: Snapshot) -> str:
    """Compute the Merkle root as an outsider with the files can."""
    leaves = []
    proofs = snapshot.shards.filter(format="proof").order_by("configuration", "split", "number")
    for proof in proofs:
        data = snapshot.shards.get(
            format="jsonl",
            configuration=proof.configuration,
            split=proof.split,
            number=proof.number,
        )
        rows = iter(read_jsonl_shard(content_of(data)))
        for entry in map(orjson.loads, read_jsonl_shard(content_of(proof))):
            salt = entry.get("salt")
            leaves.append(
                row_leaf_hash(bytes.fromhex(salt), next(rows))
                if salt
                else bytes.fromhex(entry["leaf"])
            )
        assert next(rows, None) is None
    return merkle_root(leaves).hex()


def require_whole(snapshot: Snapshot) -> None:
    """Check all that a client can check: signature, hashes, rows, both formats, the root."""
    content = bytes(snapshot.manifest_json)
    Ed25519PublicKey.from_public_bytes(b64decode(site_public_key())).verify(
        b64decode(snapshot.signature), content
    )
    shards = {shard.path: shard for shard in ordered_shards(snapshot)}
    assert [entry["path"] for entry in snapshot.manifest["shards"]] == list(shards)
    for entry in snapshot.manifest["shards"]:
        shard = shards[entry["path"]]
        data = content_of(shard)
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["bytes"], entry["sha256"])
        assert entry["rows"] == shard.rows
        if shard.format == "jsonl":
            twin = snapshot.shards.get(
                format="parquet",
                configuration=shard.configuration,
                split=shard.split,
                number=shard.number,
            )
            rows = read_jsonl_shard(data)
            assert len(rows) == shard.rows == twin.rows
            written = write_shard(rows, SCHEMAS[shard.configuration])
            assert (content_of(twin), data) == (written["parquet"], written["jsonl"])
    assert root_by_proofs(snapshot) == snapshot.manifest["merkle_root"]
    if "removals" in snapshot.manifest:
        told = removals_jsonl(snapshot)
        assert hashlib.sha256(told).hexdigest() == snapshot.manifest["removals"]["sha256"]
        assert told.count(b"\n") == snapshot.manifest["removals"]["total"]
    require_figures(snapshot)


def require_figures(snapshot: Snapshot) -> None:
    """Count over the rows that are served, and compare each figure of the manifest."""
    manifest = snapshot.manifest
    rows = {
        name: [orjson.loads(line) for line in lines(snapshot, name)]
        for name in set(snapshot.shards.values_list("configuration", flat=True))
    }
    conversations = rows.get("conversations", [])
    posts = rows.get("posts") or [
        message | {"text": message["content"], "author": message["name"]}
        for row in conversations
        for message in row["messages"]
    ]
    lengths = [len(row["text"]) for row in posts]
    labels = [row["safety"]["label"] for row in rows.get("posts", conversations) if row["safety"]]
    assert manifest["counts"]["kept"] == len(posts)
    assert manifest["authors"] == len({row["author"] for row in posts})
    assert manifest["languages"] == Counter(row["lang"] for row in posts)
    assert manifest["characters"] == sum(lengths)
    assert [each["posts"] for each in manifest["length_histogram"]] == [
        sum(each["from"] <= length <= (each["to"] or length) for length in lengths)
        for each in manifest["length_histogram"]
    ]
    assert manifest["tokens_estimated"]["total"] == sum(
        estimated_tokens(row["text"]) for row in posts
    )
    assert (
        sum(manifest["tokens_estimated"]["languages"].values())
        == manifest["tokens_estimated"]["total"]
    )
    assert manifest["notices"] == Counter(row["consent"]["notice"] for row in posts)
    assert manifest["redactions"] == Counter(
        each["kind"] for row in posts for each in row["redactions"]
    )
    assert manifest["safety"] == Counter(labels)
    assert {name: sum(splits.values()) for name, splits in manifest["configurations"].items()} == {
        name: len(found) for name, found in rows.items()
    }
    if "posts" in rows:
        copies = [row["duplicate_count"] - 1 for row in posts]
        assert manifest["duplicates"] == {"rows": sum(map(bool, copies)), "copies": sum(copies)}
