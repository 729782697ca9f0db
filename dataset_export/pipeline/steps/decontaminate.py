from dataclasses import dataclass
from typing import ClassVar, NamedTuple

WORDS = 8


class EvaluationNgrams(NamedTuple):
    name: str
    sha256: str
    hashes: object

    @classmethod
    def from_bytes(cls, name, sha256, data):
        return cls(name, sha256, data)


@dataclass(frozen=True, slots=True)
class Decontaminate:
    lists: tuple
    words: int
    name: ClassVar[str] = "decontaminate"

    def __call__(self, record):
        return record
