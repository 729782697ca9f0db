from dataclasses import dataclass
from typing import ClassVar

from dataset_export.pipeline.records import Safety


@dataclass(frozen=True, slots=True)
class SafetyLabel:
    name: ClassVar[str] = "safety"

    def __call__(self, record):
        return record._replace(safety=Safety("none", 0.0))
