"""Leave out what no human wrote."""

from dataclasses import dataclass
from typing import ClassVar

from dataset_export.pipeline.records import Dropped, Record


@dataclass(frozen=True, slots=True)
class Authorship:
    """Drop a record whose kind of authorship the recipe doesn't allow."""

    allow: frozenset[str]
    name: ClassVar[str] = "authorship"

    def __call__(self, record: Record) -> Record | Dropped:
        return record if record.authorship in self.allow else Dropped("not_human")
