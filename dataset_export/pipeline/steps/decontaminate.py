from dataclasses import dataclass
from typing import ClassVar, NamedTuple

WORDS = 8


class EvaluationNgrams(NamedTuple):
    name: str
    sha256: str
    hashes: object

    @classmethod
    def from_texts(cls, name, texts, words):
        import hashlib

        hashes = set()
        for t in texts:
            w = t.casefold().split()
            if len(w) >= 4:
                for i in range(max(1, len(w) - words + 1)):
                    hashes.add(hashlib.blake2b(" ".join(w[i : i + words]).encode(), digest_size=8).digest())
        data = sorted(hashes)
        return cls(name, hashlib.sha256(b"".join(data)).hexdigest(), data)

    def to_bytes(self):
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, name, sha256, data):
        return cls(name, sha256, [data[i : i + 8] for i in range(0, len(data), 8)])


@dataclass(frozen=True, slots=True)
class Decontaminate:
    lists: tuple
    words: int
    name: ClassVar[str] = "decontaminate"

    def __call__(self, record):
        return record
