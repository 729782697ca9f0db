"""Deal threads out to splits, the same way in every snapshot."""

from collections.abc import Mapping
from hashlib import sha256

_TRAIN, VALIDATION, TEST = "train", "validation", "test"

_PREFIX = b"commonplace/split/1"
_WHOLE = 1 << 64


def split_of(thread_id: int, shares: Mapping[str, float]) -> str:
    """Return the split of a thread, given the shares (0 to 1) of validation and test; what is left is for training.

    A thread has a place in a range of 64-bit numbers for ever. Test takes from the bottom of the range, validation from
    its top, so that a share may grow from one snapshot to the next, and nothing that was in test turns up in training.
    """
    place = int.from_bytes(sha256(_PREFIX + thread_id.to_bytes(8, "big")).digest()[:8], "big")
    if place < shares.get(TEST, 0.0) * _WHOLE:
        return TEST
    return VALIDATION if place >= (1.0 - shares.get(VALIDATION, 0.0)) * _WHOLE else _TRAIN
