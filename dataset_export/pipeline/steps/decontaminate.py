"""Leave out posts that quote the texts by which models are tested."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from itertools import accumulate
from typing import ClassVar, Final, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
import orjson

from dataset_export.pipeline.records import Dropped, Record

# GPT-3 asked for 13 words in common (Brown et al. 2020, appendix C), which half of all posts don't have at all. Eight
# words in a row are hardly ever the same by chance, but in set phrases.
NGRAM_WORDS: Final = 8
# Shorter texts of an evaluation are found in other people's sentences.
MIN_NGRAM_WORDS: Final = 4

_Hashes = npt.NDArray[np.uint64]

# What a word weighs, and what a character does in scripts that don't part words: a Chinese or Japanese word has about
# two of them, a Thai, Lao, Khmer or Burmese one about four.
_WORD, _IDEOGRAPH, _LETTER = 4, 2, 1

# Marks the first four words of a text that is shorter than an n-gram: a post without them needs no further look.
_BEGINNING = b"\0"


class EvaluationNgrams(NamedTuple):
    """The n-grams of one evaluation, as sorted hashes.

    `weights` are the lengths of the n-grams, four for a word; `sha256` is of the texts in order, each ended by a zero.
    """

    name: str
    sha256: str
    words: int
    weights: tuple[int, ...]
    hashes: _Hashes

    @classmethod
    def from_texts(
        cls, name: str, texts: Iterable[str], words: int = NGRAM_WORDS
    ) -> "EvaluationNgrams":
        """Take the n-grams of each text, or the whole of a text that is shorter but not trifling."""
        digest = sha256()
        hashes: set[int] = set()
        weights: set[int] = set()
        for text in texts:
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
            units = _Units.of(text)
            weight = min(units.weight, words * _WORD)
            if weight < min(MIN_NGRAM_WORDS, words) * _WORD:
                continue
            weights.add(weight)
            hashes.update(map(_hash, units.ngrams(weight)))
            if weight < words * _WORD:
                hashes.update(
                    _hash(_BEGINNING + ngram) for ngram in units.ngrams(MIN_NGRAM_WORDS * _WORD)[:1]
                )
        found = np.fromiter(hashes, np.uint64, len(hashes))
        found.sort()
        return cls(name, digest.hexdigest(), words, tuple(sorted(weights)), found)

    def to_bytes(self) -> bytes:
        """Return the list to store: one line of JSON, then the hashes, 8 bytes each, least first."""
        head = {
            "name": self.name,
            "sha256": self.sha256,
            "words": self.words,
            "weights": self.weights,
        }
        return (
            orjson.dumps(head, option=orjson.OPT_SORT_KEYS)
            + b"\n"
            + self.hashes.astype("<u8").tobytes()
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> "EvaluationNgrams":
        """Return the list that to_bytes() wrote; raise ValueError for anything else."""
        head, _, hashes = bytes(content).partition(b"\n")
        fields = orjson.loads(head)
        return cls(
            fields["name"],
            fields["sha256"],
            fields["words"],
            tuple(fields["weights"]),
            np.frombuffer(hashes, "<u8").astype(np.uint64),
        )


@dataclass(frozen=True, slots=True)
class Decontaminate:
    """Drop a post that has n words in a row with a text of the lists, or contains a shorter one whole.

    Texts differ in nothing but words: case, width and punctuation don't count. Numbers do. What the
    pipeline has replaced before, names and addresses, is no longer there to be found.
    """

    lists: Sequence[EvaluationNgrams]
    words: int = NGRAM_WORDS
    name: ClassVar[str] = "decontaminate"
    _index: "_Index | None" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for ngrams in self.lists:
            if ngrams.words != self.words:
                raise ValueError(
                    f"the list {ngrams.name} is made for {ngrams.words} words, not for {self.words}"
                )
        filled = [ngrams for ngrams in self.lists if len(ngrams.hashes)]
        object.__setattr__(self, "_index", _Index.of(filled) if filled else None)

    def __call__(self, record: Record) -> Record | Dropped:
        if self._index is not None and self._index.knows(record.text):
            return Dropped("evaluation_text")
        return record


def ngram_hashes(text: str, words: int = NGRAM_WORDS) -> set[int]:
    """Return the 64-bit hashes of all stretches of so many words."""
    return set(map(_hash, _Units.of(text).ngrams(words * _WORD)))


def _hash(ngram: bytes) -> int:
    """Return CRC-32, by which most n-grams are turned away at once, and 32 bits of BLAKE2b, for those that pass."""
    return crc32(ngram) << 32 | int.from_bytes(blake2b(ngram, digest_size=4).digest(), "big")


class _Index(NamedTuple):
    """All lists in one, behind a bit for each remainder of a CRC-32."""

    hashes: _Hashes
    full: int
    shorter: tuple[int, ...]
    bits: bytes
    mask: int

    @classmethod
    def of(cls, lists: Sequence[EvaluationNgrams]) -> "_Index":
        hashes = np.concatenate([ngrams.hashes for ngrams in lists])
        # Each list is sorted: this only merges them. What stands in two of them may stand twice.
        hashes.sort(kind="stable")
        # 32 bits a hash let 3 in 100 pass by chance; at a million hashes they take 4 MiB.
        size = 1 << max(16, (32 * len(hashes) - 1).bit_length())
        places = (hashes >> np.uint64(32)).astype(np.uint32) & np.uint32(size - 1)
        bits = np.zeros(size >> 3, np.uint8)
        np.bitwise_or.at(
            bits, places >> np.uint32(3), np.uint8(1) << (places & np.uint32(7)).astype(np.uint8)
        )
        full = lists[0].words * _WORD
        shorter = {weight for ngrams in lists for weight in ngrams.weights if weight < full}
        return cls(hashes, full, tuple(sorted(shorter)), bits.tobytes(), size - 1)

    def knows(self, text: str) -> bool:
        """Tell whether an n-gram of the text is in the lists."""
        units = _Units.of(text)
        if self._has_any(units, self.full):
            return True
        if not self.shorter or not self._has_any(units, MIN_NGRAM_WORDS * _WORD, _BEGINNING):
            return False
        return any(self._has_any(units, weight) for weight in self.shorter)

    def _has_any(self, units: "_Units", weight: int, mark: bytes = b"") -> bool:
        if units.weight < weight:
            return False
        bits, mask, crc = self.bits, self.mask, crc32(mark)
        # The comprehension leaves what has to be looked up: next to nothing.
        likely = [
            ngram
            for ngram in units.ngrams(weight)
            if bits[(place := crc32(ngram, crc) & mask) >> 3] >> (place & 7) & 1
        ]
        return any(self._has(_hash(mark + ngram)) for ngram in likely)

    def _has(self, value: int) -> bool:
        place = int(np.searchsorted(self.hashes, np.uint64(value)))
        return place < len(self.hashes) and int(self.hashes[place]) == value


class _Units(NamedTuple):
    """The words of a text, or the characters of scripts without spaces, one space apart: where each begins.

    Without weights all of them are words.
    """

    content: str
    starts: list[int]
    weights: list[int] | None
    weight: int

    @classmethod
    def of(cls, text: str) -> "_Units":
        units, weights = _split(text)
        starts = list(accumulate(map(len, units), _next_start, initial=0))
        return cls(
            " ".join(units),
            starts,
            weights,
            len(units) * _WORD if weights is None else sum(weights),
        )

    def ngrams(self, weight: int) -> list[bytes]:
        """Return the shortest stretch of at least this weight from each unit on."""
        if self.weights is None:
            ends = self.starts[-(-weight // _WORD) :]
        else:
            reached = np.cumsum([0, *self.weights])
            begun = reached[reached + weight <= reached[-1]]
            ends = [self.starts[last] for last in np.searchsorted(reached, begun + weight).tolist()]
        if self.content.isascii():
            content = self.content.encode()
            return [content[start : end - 1] for start, end in zip(self.starts, ends, strict=False)]
        return [
            self.content[start : end - 1].encode()
            for start, end in zip(self.starts, ends, strict=False)
        ]


def _next_start(start: int, length: int) -> int:
    return start + length + 1


def _split(text: str) -> tuple[list[str], list[int] | None]:
    """Return the units of a text, folded (NFKC, then case), and their weights."""
    if text.isascii():
        return _ASCII_WORD.findall(text.lower().replace("'", "")), None
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = folded.replace("'", "").replace("’", "").replace("_", " ")
    if not _UNSPACED.search(folded):
        return _WORD_RUN.findall(folded), None
    units: list[str] = []
    weights: list[int] = []
    for letters, ideographs, word in _RUN.findall(folded):
        run = letters or ideographs or (word,)
        units += run
        weights += [_LETTER if letters else _IDEOGRAPH if ideographs else _WORD] * len(run)
    return units, weights


# Without punctuation, which Unicode keeps in the same blocks.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0963\u0966-\u096f\u0971-\u0df3\u0f18-\u0f39\u0f3e-\u0f84\u135d-\u135f\u1ab0-\u1aff\u20d0-\u20ff"
)
# Thai and Lao, Myanmar, Khmer.
_LETTERS = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0eff\u1000-\u1049\u1050-\u109f\u1780-\u17d3\u17d7-\u17ff"
# Kana and Han.
_IDEOGRAPHS = "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003fffd"  # noqa: E501
_UNSPACED = re.compile(f"[{_LETTERS}{_IDEOGRAPHS}]")
_ASCII_WORD = re.compile("[a-z0-9]+")
_WORD_RUN = re.compile(rf"[\w{_MARKS}]+")
_RUN = re.compile(
    rf"([{_LETTERS}]+)|([{_IDEOGRAPHS}]+)|((?:(?![{_LETTERS}{_IDEOGRAPHS}])[\w{_MARKS}])+)"
)
