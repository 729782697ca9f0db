"""Tell whether two posts that may be one are."""

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from dataset_export.pipeline.dedup.minhash.comparison_tokens import (
    MIN_TOKENS,
    is_unspaced,
    units_a_word,
)
from dataset_export.pipeline.dedup.minhash.signatures import Sizes
from dataset_export.pipeline.dedup.minhash.signs import EXACT

_Words = tuple[str, ...]

# How many words may differ in a post of at least so many.
_ALLOWED = ((40, 3), (20, 2), (MIN_TOKENS, 1))
# One letter in so many may differ wherever it stands: slips of the pen also part and join words.
_LETTERS_A_SLIP = 20


def is_near_duplicate(a: _Words, b: _Words) -> bool:
    """Tell whether two posts, as their `comparable` words, are one but for a word or slips of the pen.

    Posts of fewer than eight words have to be equal, and numbers and signs have to agree in all. What words mean is
    not looked at: of eight words, neither one name nor one "not" parts two posts.
    """
    if a == b:
        return True
    return max(len(a), len(b)) >= MIN_TOKENS and _are_close(a, b) and _exact(a) == _exact(b)


def could_match(a: Sizes, b: Sizes) -> npt.NDArray[np.bool_]:
    """Tell of pairs of posts, by their sizes alone, which of them `same_post` may call one: all that it does, and more.

    Nearly all pairs that share a key by chance differ so much in length that no look at their words is needed.
    """
    words, letters = (
        np.stack((a[name], b[name])).astype(np.int64) for name in ("words", "letters")
    )
    most = np.select(
        [words.max(0) >= least for least, _ in _ALLOWED], [number for _, number in _ALLOWED]
    )
    return (
        (words.min(0) == 0)
        | (np.abs(words[0] - words[1]) <= most)
        | (np.abs(letters[0] - letters[1]) <= letters.max(0) // _LETTERS_A_SLIP)
    )


def _are_close(a: _Words, b: _Words) -> bool:
    unit = max(units_a_word(a), units_a_word(b))
    most = _allowed(max(len(a), len(b)) // unit)
    if unit == 1:
        return most > 0 and (_within(a, b, most) or are_typos(" ".join(a), " ".join(b)))
    return most > 0 and _within(a, b, most * unit) and _within(_spaced(a), _spaced(b), most)


def _allowed(length: int) -> int:
    return next((words for least, words in _ALLOWED if length >= least), 0)


def _within(a: _Words, b: _Words, most: int) -> bool:
    return Levenshtein.distance(a, b, score_cutoff=most) <= most


def are_typos(a: str, b: str) -> bool:
    most = max(len(a), len(b)) // _LETTERS_A_SLIP
    return Levenshtein.distance(a, b, score_cutoff=most) <= most


def _exact(words: _Words) -> _Words:
    return tuple(filter(EXACT.search, words))


def _spaced(words: _Words) -> _Words:
    """Return the words that stand between letters of a script without spaces, such as names of makers."""
    return tuple(word for word in words if not is_unspaced(word))
