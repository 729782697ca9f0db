"""Find the near duplicates of a whole corpus at once, in memory: what any other way of doing it has to find."""

from collections.abc import Mapping

import numpy as np

from dataset_export.pipeline.dedup.minhash.candidates import Ids, candidate_pairs
from dataset_export.pipeline.dedup.minhash.comparison_tokens import comparison_tokens
from dataset_export.pipeline.dedup.minhash.signatures import BANDS, signatures
from dataset_export.pipeline.dedup.minhash.verify import is_near_duplicate


def dedup(texts: Mapping[int, str]) -> dict[int, int]:
    """Return which posts say what an earlier one said, by id, each with the earliest such that a key finds."""
    words = {number: comparison_tokens(text) for number, text in texts.items()}
    posts, earlier = _candidates(texts)
    found = {}
    for post, others in zip(posts.tolist(), earlier, strict=True):
        for other in map(int, others):
            if is_near_duplicate(words[post], words[other]):
                found[post] = other
                break
    return found


def _candidates(texts: Mapping[int, str]) -> tuple[Ids, list[Ids]]:
    """Return posts that share keys with earlier ones, and for each all of those, in order."""
    ids = np.array(sorted(texts), np.int64)
    keys = signatures([texts[number] for number in ids.tolist()])
    places = np.arange(len(ids), dtype=np.int64)
    found = [candidate_pairs(keys[:, band], places) for band in range(BANDS)]
    pairs = np.sort(
        np.concatenate([later << 32 | earlier for later, earlier in (pairs.T for pairs in found)])
    )
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    later = pairs >> 32
    begins = np.flatnonzero(np.diff(later, prepend=-1))
    return ids[later[begins]], np.split(ids[pairs & 0xFFFFFFFF], begins)[1:]
