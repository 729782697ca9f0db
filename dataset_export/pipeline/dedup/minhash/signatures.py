"""Make keys that posts which say nearly the same are likely to share.

MinHash (Broder, "On the resemblance and containment of documents", 1997) over shingles of letters, cut into bands:
with a likeness of j, two posts share one of b bands of r rows with probability 1 - (1 - j^r)^b (Leskovec, Rajaraman
and Ullman, "Mining of Massive Datasets", 3.4). All of it is whole numbers modulo 2^32 and 2^64 with fixed constants,
so that a key never changes, wherever and in whatever company it is computed.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from dataset_export.pipeline.dedup.minhash.comparison_tokens import (
    CHARACTERS_A_WORD,
    MIN_TOKENS,
    comparison_tokens,
    units_a_word,
)

Keys = npt.NDArray[np.uint64]
_Hashes = npt.NDArray[np.uint32]
Sizes = npt.NDArray[np.void]
# How many words a post has, 0 where its script doesn't tell, and how many letters these have, spaces between included.
SIZE = np.dtype([("words", "<u2"), ("letters", "<u2")])
_MAX_UINT16 = 0xFFFF

_ROWS = 3
_SHINGLE_BANDS = 16
BANDS = 1 + _SHINGLE_BANDS
# Letters in a shingle: fewer where a letter is half a word.
_LETTERS, _CHARACTERS = 5, 3
# As many posts as keep the arrays of a round within a processor's cache.
_ROUND = 1024
_NUMBERS = np.frombuffer(b"".join(blake2b(bytes([i])).digest() for i in range(16)), "<u8").astype(
    np.uint64
)
_MULTIPLIERS = _NUMBERS[:_LETTERS] | np.uint64(1)
_FACTORS, _TERMS = (
    (_NUMBERS[_LETTERS:][: 2 * _ROWS * _SHINGLE_BANDS] >> np.uint64(32))
    .astype(np.uint32)
    .reshape(2, -1)
)
_FACTORS |= np.uint32(1)


def signatures(texts: Sequence[str]) -> Keys:
    """Return keys of shape (len(texts), BANDS), 0 for none.

    Column 0 is for equal words, the others for likeness. A text in which no word may differ has no key in those.
    """
    return signatures_with_sizes(texts)[0]


def signatures_with_sizes(texts: Sequence[str]) -> tuple[Keys, Sizes]:
    """Return the same, and for each text how much of it is compared."""
    keys, sizes = np.zeros((len(texts), BANDS), np.uint64), np.zeros(len(texts), SIZE)
    for start in range(0, len(texts), _ROUND):
        stop = start + _ROUND
        _fill(
            keys[start:stop],
            sizes[start:stop],
            [comparison_tokens(text) for text in texts[start:stop]],
        )
    return keys, sizes


def _fill(keys: Keys, sizes: Sizes, posts: list[tuple[str, ...]]) -> None:
    texts = [" ".join(words) for words in posts]
    keys[:, 0] = [_key(text) for text in texts]
    sizes["words"] = np.minimum([len(words) for words in posts], _MAX_UINT16)
    sizes["letters"] = np.minimum([len(text) for text in texts], _MAX_UINT16)
    for size, found in _by_size(posts, texts, sizes).items():
        if found:
            keys[list(found), 1:] = _bands(list(found.values()), size)


def _by_size(
    posts: list[tuple[str, ...]], texts: list[str], sizes: Sizes
) -> dict[int, dict[int, str]]:
    """Return the rows and texts that get shingles, by the size of these; note where words cannot be counted."""
    found: dict[int, dict[int, str]] = {_LETTERS: {}, _CHARACTERS: {}}
    for row, (words, text) in enumerate(zip(posts, texts, strict=True)):
        # One less than the shortest in which a word may differ: the other post may have a word more.
        if len(words) < MIN_TOKENS - 1:
            continue
        unit = 1 if text.isascii() else units_a_word(words)
        if unit == 1:
            found[_LETTERS][row] = text
            continue
        sizes["words"][row] = 0
        if len(words) >= (MIN_TOKENS - 1) * unit:
            found[_CHARACTERS if unit == CHARACTERS_A_WORD else _LETTERS][row] = "".join(words)
    return found


def _key(text: str) -> int:
    """Return a number for all words together, 0 if there are none."""
    if not text:
        return 0
    return (
        int.from_bytes(
            blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
        )
        or 1
    )


def _bands(texts: list[str], size: int) -> Keys:
    """Return keys of shape (len(texts), _SHINGLE_BANDS)."""
    shingles, starts = _shingles(texts, size)
    least = np.empty((_ROWS * _SHINGLE_BANDS, len(texts)), np.uint32)
    for row, factor, term in zip(least, _FACTORS, _TERMS, strict=True):
        np.minimum.reduceat(shingles * factor + term, starts, out=row)
    first, second, third = (
        least.reshape(_SHINGLE_BANDS, _ROWS, -1).astype(np.uint64).transpose(1, 2, 0)
    )
    return np.maximum(mix_hash(mix_hash((first << np.uint64(32)) | second) + third), np.uint64(1))


def _shingles(texts: list[str], size: int) -> tuple[_Hashes, npt.NDArray[np.intp]]:
    """Return a hash of each run of `size` letters, text after text, and where each text's begin."""
    letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4").astype(
        np.uint64
    )
    lengths = np.array([len(text) for text in texts])
    ends = np.cumsum(lengths)
    hashes = np.zeros(len(letters), np.uint64)
    for place in range(size):
        hashes[: len(letters) - place] += letters[place:] * _MULTIPLIERS[place]
    across = (ends[:, None] - np.arange(1, size)).ravel()
    inside = np.ones(len(letters), bool)
    inside[across] = False
    starts = ends - lengths - (size - 1) * np.arange(len(texts))
    return (mix_hash(hashes[inside]) >> np.uint64(32)).astype(np.uint32), starts


def mix_hash(numbers: Keys) -> Keys:
    """Spread numbers over all 64 bits (Stafford's variant 13 of MurmurHash3's last steps, as in SplitMix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
