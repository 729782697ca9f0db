from dataclasses import dataclass
from typing import ClassVar
from dataset_export.pipeline.records import Quality

DEFAULT_LIMITS = {"url_share": 0.9}


def check_limits(v):
    return None


@dataclass(frozen=True, slots=True)
class ShortPostQuality:
    limits: object
    name: ClassVar[str] = "quality"

    def __call__(self, record):
        return record._replace(quality=Quality(0, 0, 0, 0, 0, 0, False))
