"""What a benchmark says: figures, one a line on the terminal and all of them in one file."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LATEST = Path(__file__).resolve().parent / "latest.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value beside its limit; whether more or less of it is better, the key says."""

    key: str
    value: float
    unit: str
    limit: float

    def __post_init__(self) -> None:
        if " " in self.unit:
            raise ValueError(
                f"a figure is a line of five words, and {self.unit!r} is more than one"
            )

    @property
    def ratio(self) -> float:
        return self.value / self.limit

    def __str__(self) -> str:
        return f"{self.key} {short(self.value)} {self.unit} {short(self.limit)} {short(self.ratio)}"

    def as_dict(self) -> dict[str, float | str]:
        return {
            "value": float(short(self.value)),
            "unit": self.unit,
            "limit": float(short(self.limit)),
            "ratio": float(short(self.ratio)),
        }


def short(number: float) -> str:
    """Return a number with as many digits as a measurement deserves."""
    return f"{number:.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def write(figures: Iterable[Figure], path: Path = LATEST) -> None:
    """Keep the figures of the latest run, and only those."""
    content = {figure.key: figure.as_dict() for figure in figures}
    path.write_text(json.dumps(content, indent=2) + "\n")
