"""Find the near duplicates of a whole corpus at once, in memory: what any other way of doing it has to find."""

from collections.abc import Mapping

import numpy as np

from .candidates import Ids, candidate_pairs
from .comparable import comparable
from .signatures import BANDS, signatures
from .verify import same_post


def near_duplicates(texts: Mapping[int, str]) -> dict[int, int]:
    """Return which posts say what an earlier one said, by id, each with the earliest such that a key finds."""
    words = {number: comparable(text) for number, text in texts.items()}
    posts, earlier = _candidates(texts)
    found = {}
    for post, others in zip(posts.tolist(), earlier, strict=True):
        for other in map(int, others):
            if same_post(words[post], words[other]):
                found[post] = other
                break
    return found


def _candidates(texts: Mapping[int, str]) -> tuple[Ids, list[Ids]]:
    """Return posts that share keys with earlier ones, and for each all of those, in order."""
    ids = np.array(sorted(texts), np.int64)
    keys = signatures([texts[number] for number in ids.tolist()])
    places = np.arange(len(ids), dtype=np.int64)
    found = [candidate_pairs(keys[:, band], places) for band in range(BANDS)]
    pairs = np.sort(np.concatenate([later << 32 | earlier for later, earlier in (pairs.T for pairs in found)]))
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    later = pairs >> 32
    begins = np.flatnonzero(np.diff(later, prepend=-1))
    return ids[later[begins]], np.split(ids[pairs & 0xFFFFFFFF], begins)[1:]
