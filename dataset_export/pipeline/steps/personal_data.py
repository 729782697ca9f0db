from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PersonalData:
    name: ClassVar[str] = "personal_data"

    def __call__(self, record):
        return record
