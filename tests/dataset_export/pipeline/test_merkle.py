import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_export.pipeline.merkle import MerkleTree, merkle_root

VECTORS = Path(__file__).parents[4] / "shared/data/conformance/merkle-roots.json"


def defined_root(leaves):
    """Return the root as RFC 6962, section 2.1, defines it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256().digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + defined_root(leaves[:split]) + defined_root(leaves[split:])).digest()


def test_the_empty_tree():
    assert (
        merkle_root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_one_leaf_is_its_own_root():
    leaf = sha256(b"\0").digest()
    assert merkle_root([leaf]) == leaf


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_the_stream_agrees_with_the_definition(leaves):
    tree = MerkleTree()
    for leaf in leaves:
        tree.append(leaf)
    assert tree.size == len(leaves)
    assert tree.root() == defined_root(leaves)


def test_memory_is_logarithmic():
    tree = MerkleTree(sha256(str(number).encode()).digest() for number in range(5_000))
    assert len(tree._peaks) == (5_000).bit_count()


@pytest.mark.shared
@pytest.mark.skipif(
    not VECTORS.exists(), reason="the folder of published vectors is not beside the checkout"
)
def test_published_roots():
    vectors = json.loads(VECTORS.read_text())
    leaves = [sha256(b"\0" + bytes.fromhex(entry)).digest() for entry in vectors["leaf_inputs_hex"]]
    assert [leaf.hex() for leaf in leaves] == vectors["leaf_hashes_hex"]
    roots = [merkle_root(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    assert roots == vectors["root_hashes_hex_by_size"]
