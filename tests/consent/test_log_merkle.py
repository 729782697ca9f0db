"""Every proof of a tree verifies, and no altered one."""

import json
from base64 import b64decode
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.transparency_log import merkle

LEAVES = [sha256(bytes([number % 256, number // 256])).digest() for number in range(600)]
SIZES = st.integers(1, len(LEAVES))


def root_of(size: int) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word."""

    def mth(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return leaves[0]
        split = 1
        while split * 2 < len(leaves):
            split *= 2
        return sha256(b"\x01" + mth(leaves[:split]) + mth(leaves[split:])).digest()

    return mth(LEAVES[:size]) if size else sha256().digest()


def tree(size: int) -> merkle.Subtree:
    return merkle.in_memory(LEAVES[:size])


@settings(deadline=None)
@given(st.integers(0, len(LEAVES)))
def test_the_root_is_that_of_the_definition(size):
    growing = merkle.GrowingTree()
    for leaf in LEAVES[:size]:
        growing.append(leaf)
    assert merkle.root(size, tree(size)) == growing.root() == root_of(size)


@settings(deadline=None)
@given(st.data())
def test_every_inclusion_proof_verifies_and_no_altered_one(data):
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    said = {
        "leaf": LEAVES[index],
        "index": index,
        "size": size,
        "proof": merkle.inclusion_proof(index, size, tree(size)),
        "root": root_of(size),
    }
    assert merkle.verify_inclusion(**said)
    assert not merkle.verify_inclusion(**altered(data, said))


@settings(deadline=None)
@given(st.data())
def test_every_consistency_proof_verifies_and_no_altered_one(data):
    new = data.draw(SIZES)
    old = data.draw(st.integers(1, new))
    said = {
        "old": old,
        "new": new,
        "old_root": root_of(old),
        "new_root": root_of(new),
        "proof": merkle.consistency_proof(old, new, tree(new)),
    }
    assert merkle.verify_consistency(**said)
    assert not merkle.verify_consistency(**altered(data, said, sizes_bind=old != new))


def altered(data, said: dict, *, sizes_bind: bool = True) -> dict:
    """Change one thing: a bit of a hash, the length of the proof, or a number."""
    name = data.draw(st.sampled_from(sorted(said)))
    value = said[name]
    if isinstance(value, bytes):
        changed = flipped(data, value)
    elif isinstance(value, list):
        changed = altered_proof(data, value)
    elif not sizes_bind:
        # Two equal trees are equal whatever size both are said to have.
        return {**said, "old": said["old"] + 1}
    else:
        changed = other_number(data, said, name)
    return {**said, name: changed}


def other_number(data, said: dict, name: str) -> int:
    """Draw a number that is wrong: one under which the path through the tree turns another way."""
    if "proof" in said and "index" in said and name == "size":
        # Another size can leave the path to a leaf as it is; a size that is too small cannot.
        return data.draw(st.integers(0, said["index"]))
    if name == "new":
        return data.draw(st.integers(0, said["old"]))
    if name == "old":
        return data.draw(st.integers(said["new"], said["new"] + 5))
    return data.draw(st.integers(-1, said["size"]).filter(lambda number: number != said[name]))


def altered_proof(data, proof: list[bytes]) -> list[bytes]:
    if not proof or data.draw(st.booleans()):
        return [*proof, LEAVES[0]]
    position = data.draw(st.integers(0, len(proof) - 1))
    if data.draw(st.booleans()):
        return proof[:position] + proof[position + 1 :]
    return [*proof[:position], flipped(data, proof[position]), *proof[position + 1 :]]


def flipped(data, value: bytes) -> bytes:
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    return (int.from_bytes(value, "big") ^ (1 << bit)).to_bytes(len(value), "big")


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, tree(3))


@pytest.mark.parametrize(("old", "new"), [(4, 3), (0, 3)])
def test_there_is_no_proof_that_a_tree_shrank_or_grew_out_of_nothing(old, new):
    with pytest.raises(ValueError, match="not the beginning"):
        merkle.consistency_proof(old, new, tree(4))
    assert not merkle.verify_consistency(
        old=old, new=new, old_root=root_of(old), new_root=root_of(new), proof=[]
    )


@pytest.mark.shared
def test_the_published_roots(shared_data):
    vectors = json.loads((shared_data / "conformance" / "merkle-roots.json").read_text())
    leaves = [merkle.leaf_hash(bytes.fromhex(entry)) for entry in vectors["leaf_inputs_hex"]]
    assert [leaf.hex() for leaf in leaves] == vectors["leaf_hashes_hex"]
    for size, expected in enumerate(vectors["root_hashes_hex_by_size"]):
        assert merkle.root(size, merkle.in_memory(leaves)).hex() == expected


@pytest.mark.shared
def test_the_published_inclusion_proofs(shared_data):
    for vector in json.loads((shared_data / "conformance" / "merkle-inclusion.json").read_text()):
        holds = merkle.verify_inclusion(
            leaf=b64decode(vector["leafHash"] or ""),
            index=vector["leafIdx"],
            size=vector["treeSize"],
            proof=[b64decode(value) for value in vector["proof"] or []],
            root=b64decode(vector["root"] or ""),
        )
        assert holds is not vector["wantErr"], vector["file"]


@pytest.mark.shared
def test_the_published_consistency_proofs(shared_data):
    for vector in json.loads((shared_data / "conformance" / "merkle-consistency.json").read_text()):
        holds = merkle.verify_consistency(
            old=vector["size1"],
            new=vector["size2"],
            old_root=b64decode(vector["root1"] or ""),
            new_root=b64decode(vector["root2"] or ""),
            proof=[b64decode(value) for value in vector["proof"] or []],
        )
        assert holds is not vector["wantErr"], vector["file"]
