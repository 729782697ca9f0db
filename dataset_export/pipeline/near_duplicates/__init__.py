"""Find posts that say nearly what an earlier post said.

Short posts need another net than web pages do. Keys that likely pairs share (`signatures`) and pairs of equal keys
(`candidate_pairs`) let few slip; `same_post` then compares the words themselves. A post is left out if and only if an
earlier one shares a key with it and is the same post: the order of work makes no difference.
"""

from .candidates import candidate_pairs
from .comparable import comparable
from .reference import near_duplicates
from .signatures import BANDS, SIZE, measured_signatures, signatures
from .verify import may_be_same, same_post

__all__ = [
    "BANDS",
    "SIZE",
    "candidate_pairs",
    "comparable",
    "may_be_same",
    "measured_signatures",
    "near_duplicates",
    "same_post",
    "signatures",
]
