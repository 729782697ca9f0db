"""Find pairs of posts that share a key."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from dataset_export.pipeline.dedup.minhash.signatures import Keys

Ids = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]

# Up to so many posts of one key, each is paired with each; of more, with the first of them and those just before it.
_FEW = 16
_FIRST = 8
_BEFORE = 4


def candidate_pairs(keys: Keys, ids: Ids) -> Ids:
    """Return pairs (later id, earlier id) of posts with equal keys, sorted, none twice, of shape (pairs, 2).

    Keys are one column, 0 is none; ids are all different. There are at most 15 pairs a post, however many copies.
    """
    given = np.flatnonzero(keys)
    order = given[np.lexsort((ids[given], keys[given]))]
    ids = ids[order].astype(np.int64, copy=False)
    pairs = np.concatenate([ids[places] for places in _places(keys[order])])
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _places(keys: Keys) -> Iterator[Places]:
    """Yield places of sorted keys that make pairs, later and earlier, in arrays of shape (pairs, 2)."""
    begins = np.flatnonzero(np.concatenate((keys[:1] != 0, keys[1:] != keys[:-1])))
    sizes = np.diff(begins, append=len(keys))
    begin, few = np.repeat(begins, sizes), np.repeat(sizes <= _FEW, sizes)
    rank = np.arange(len(keys)) - begin
    for back in range(1, _FEW):
        later = np.flatnonzero(few & (rank >= back))
        yield np.column_stack((later, later - back))
    for first in range(_FIRST):
        later = np.flatnonzero(~few & (rank > first))
        yield np.column_stack((later, begin[later] + first))
    for back in range(1, _BEFORE + 1):
        later = np.flatnonzero(~few & (rank >= _FIRST + back))
        yield np.column_stack((later, later - back))
