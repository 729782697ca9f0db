"""Merkle trees: roots, proofs and verification (RFC 6962, section 2.1; RFC 9162, section 2.1).

Everything is computed from full subtrees. `Subtree` returns the root of the 2 ** height leaves from
index * 2 ** height, so a tree can live in memory or in a database of which few rows are read.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

_LEAF_PREFIX, NODE_PREFIX = b"\x00", b"\x01"
EMPTY_ROOT = sha256().digest()
HASH_BYTES = sha256().digest_size
Subtree = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    return sha256(_LEAF_PREFIX + entry).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(NODE_PREFIX + left + right).digest()


def full_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over 2 ** n siblings of one height."""
    while len(hashes) > 1:
        hashes = [_node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def in_memory(leaves: Sequence[bytes]) -> Subtree:
    """Return a `Subtree` over leaf hashes in memory."""
    return lambda height, index: full_root(leaves[index << height : (index + 1) << height])


def root(size: int, subtree: Subtree) -> bytes:
    """Return the root of the first `size` leaves."""
    return subtree_root(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the inclusion proof of leaf `index` in the tree of `size` leaves, from the
    bottom up.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    proof, start = [], 0
    while size > 1:
        left = left_size(size)
        if index < start + left:
            proof.append(subtree_root(start + left, size - left, subtree))
            size = left
        else:
            proof.append(subtree_root(start, left, subtree))
            start, size = start + left, size - left
    return proof[::-1]


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that the tree of `new` leaves extends that of `old` leaves."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {old} is not the beginning of a tree of {new}")
    proof, start = [], 0
    while old != new:
        left = left_size(new)
        if old <= left:
            proof.append(subtree_root(start + left, new - left, subtree))
            new = left
        else:
            proof.append(subtree_root(start, left, subtree))
            start, old, new = start + left, old - left, new - left
    if start:
        proof.append(subtree_root(start, old, subtree))
    return proof[::-1]


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Verify that leaf hash `leaf` is at `index` in a tree of this size and root (RFC 9162,
    2.1.3.2).
    """
    if not 0 <= index < size or not are_hashes(leaf, root, *proof):
        return False
    node, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            current = _node_hash(sibling, current)
            node, last = skip_left_edges(node, last)
        else:
            current = _node_hash(current, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and current == root


def verify_consistency(
    *, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Verify that the second tree extends the first (RFC 9162, 2.1.4.2).

    Every tree extends the empty one: nothing to prove, so False.
    """
    if not 0 < old <= new or not are_hashes(*proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_current = new_current = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_current, new_current = (
                _node_hash(sibling, old_current),
                _node_hash(sibling, new_current),
            )
            node, last = skip_left_edges(node, last)
        else:
            new_current = _node_hash(new_current, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and (old_current, new_current) == (old_root, new_root)


def are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


class GrowingTree:
    """Computes a root from a stream of leaf hashes in logarithmic memory."""

    def __init__(self) -> None:
        self.size = 0
        # Roots of the full subtrees that the newest leaf completes, by height.
        self.completed: list[bytes] = []
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        self.completed = [leaf]
        carry = self.size
        while carry & 1:
            self.completed.append(_node_hash(self._peaks.pop(), self.completed[-1]))
            carry >>= 1
        self._peaks.append(self.completed[-1])
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = _node_hash(peak, node)
        return node


def subtree_root(start: int, size: int, subtree: Subtree) -> bytes:
    """Return the root of a range split as in RFC 6962, whose full subtrees are aligned."""
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return subtree(height, start >> height)
    left = left_size(size)
    return _node_hash(
        subtree_root(start, left, subtree), subtree_root(start + left, size - left, subtree)
    )


def left_size(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def skip_left_edges(node: int, last: int) -> tuple[int, int]:
    """Skip the heights at which a node on the right edge has no sibling."""
    while not node & 1 and node:
        node, last = node >> 1, last >> 1
    return node, last
