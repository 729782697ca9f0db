"""Commit to all rows of a snapshot with one hash (RFC 6962, section 2.1)."""

from collections.abc import Iterable
from hashlib import sha256

_EMPTY_ROOT = sha256().digest()


class MerkleTree:
    """Take in leaf hashes one by one and tell the root, in memory that grows with the logarithm.

    Keeps the roots of the full subtrees on the right edge, one for each bit that is set in the size.
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._peaks: list[bytes] = []
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        node, carry = leaf, self.size
        while carry & 1:
            node = _node_hash(self._peaks.pop(), node)
            carry >>= 1
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of what has been added so far."""
        if not self._peaks:
            return _EMPTY_ROOT
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = _node_hash(peak, node)
        return node


def _node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes in order."""
    return MerkleTree(leaves).root()
