"""Find posts that say nearly what an earlier post said.

Short posts need another net than web pages do. Keys that likely pairs share (`signatures`) and pairs of equal keys
(`candidate_pairs`) let few slip; `same_post` then compares the words themselves. A post is left out if and only if an
earlier one shares a key with it and is the same post: the order of work makes no difference.
"""

from dataset_export.pipeline.dedup.minhash.candidates import candidate_pairs
from dataset_export.pipeline.dedup.minhash.comparison_tokens import comparison_tokens
from dataset_export.pipeline.dedup.minhash.reference import dedup
from dataset_export.pipeline.dedup.minhash.signatures import (
    BANDS,
    SIZE,
    signatures,
    signatures_with_sizes,
)
from dataset_export.pipeline.dedup.minhash.verify import could_match, is_near_duplicate

__all__ = [
    "BANDS",
    "SIZE",
    "candidate_pairs",
    "comparison_tokens",
    "could_match",
    "dedup",
    "is_near_duplicate",
    "signatures",
    "signatures_with_sizes",
]
