"""Build charts as SVG coordinates with a text alternative; style sheets set the colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

_WIDTH = 360
LINE, BAR = 34, 8
COLUMNS_HEIGHT, COLUMNS_TOP, AXIS = 150, 16, 22
NUMBER_WIDTH = 90
MAX_LABEL_LETTERS = 40
MAX_BARS = 12
# The approximate width of a letter in a column's label.
_LETTER = 7
# The points of the curve that the description mentions.
MAX_CHART_LABELS = (0.01, 0.1, 0.5)


@dataclass(frozen=True, slots=True)
class _Shape:
    """A rectangle with its label; coordinates are SVG attribute values."""

    label: str
    value: str
    x: str
    y: str
    width: str
    height: str
    text_y: str = ""
    is_labelled: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with title, description and the data as a table."""

    key: str
    title: str
    description: str
    kind: Literal["bars", "columns", "curve"]
    height: int
    shapes: list[_Shape] = field(default_factory=list)
    points: str = ""
    table: list[tuple[str, str, str]] = field(default_factory=list)
    width: int = _WIDTH


def format_coordinate(number: float) -> str:
    """Return a coordinate as an SVG attribute, independent of the page's locale."""
    return f"{number:.1f}"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def bars(key: str, title: str, counts: Mapping[str, int]) -> Chart:
    """Return a bar chart of counts by name."""
    counts = {label: number for label, number in counts.items() if number}
    longest, total = max(counts.values(), default=0), sum(counts.values())
    shapes = [
        _Shape(
            label=shortened(label),
            value=f"{number:,}",
            x="0",
            y=format_coordinate(place * LINE + 18),
            width=format_coordinate(max(1, (_WIDTH - NUMBER_WIDTH) * number / longest)),
            height=str(BAR),
            text_y=format_coordinate(place * LINE + 12),
        )
        for place, (label, number) in enumerate(counts.items())
    ]
    return Chart(
        key,
        title,
        in_words(counts, total),
        "bars",
        len(counts) * LINE,
        shapes,
        table=_table(counts, total),
    )


def column_chart(key: str, title: str, counts: Mapping[str, int]) -> Chart:
    """Return a column chart of ordered counts, such as over time; some columns are labelled."""
    highest, total = max(counts.values(), default=0), sum(counts.values())
    step = _WIDTH / max(1, len(counts))
    labelled = labelled_places(list(counts))
    shapes = []
    for place, (label, number) in enumerate(counts.items()):
        height = COLUMNS_HEIGHT * number / highest if highest else 0
        shapes.append(
            _Shape(
                label=label,
                value=f"{number:,}",
                x=format_coordinate(place * step),
                y=format_coordinate(COLUMNS_TOP + COLUMNS_HEIGHT - height),
                width=format_coordinate(max(0.5, step - min(2, step / 4))),
                height=format_coordinate(height),
                text_y=format_coordinate(COLUMNS_TOP + COLUMNS_HEIGHT + 15),
                is_labelled=place in labelled,
            )
        )
    height = COLUMNS_TOP + COLUMNS_HEIGHT + AXIS
    return Chart(
        key, title, in_words(counts, total), "columns", height, shapes, table=_table(counts, total)
    )


def curve(key: str, title: str, points: Sequence[tuple[float, float]]) -> Chart:
    """Return the curve of rows over authors."""
    bottom = COLUMNS_TOP + COLUMNS_HEIGHT
    drawn = [(0.0, 0.0), *points]
    path = " ".join(
        f"{format_coordinate(x * _WIDTH)},{format_coordinate(bottom - y * COLUMNS_HEIGHT)}"
        for x, y in drawn
    )
    told = {x: y for x, y in points if x in (0.01, 0.1, 0.5)}
    words = "; ".join(
        f"the first {_percent(x, 1)} of the authors wrote {_percent(y, 1)} of the rows"
        for x, y in told.items()
    )
    rows = [(f"first {_percent(x, 1)} of the authors", _percent(y, 1), "") for x, y in points]
    return Chart(
        key, title, words.capitalize() + ".", "curve", bottom + AXIS, points=path, table=rows
    )


def labelled_places(labels: Sequence[str]) -> set[int]:
    """Return which columns are labelled so that labels fit beside each other."""
    widest = _LETTER * max(map(len, labels), default=1)
    column = _WIDTH / max(1, len(labels))
    every = max(1, ceil((widest + _LETTER) / column))
    return {
        place
        for place in range(0, len(labels), every)
        if place * column + _LETTER * len(labels[place]) <= _WIDTH
    }


def in_words(counts: Mapping[str, int], total: int) -> str:
    """Return the largest counts as a sentence, for people who cannot see the chart."""
    if not total:
        return "None."
    largest = sorted(counts.items(), key=lambda item: -item[1])[:3]
    told = ", ".join(f"{label} {number:,} ({_percent(number, total)})" for label, number in largest)
    more = len(counts) - len(largest)
    return f"{told}{f', and {more} more' if more > 0 else ''}; {total:,} in all."


def _table(counts: Mapping[str, int], total: int) -> list[tuple[str, str, str]]:
    return [(label, f"{number:,}", _percent(number, total)) for label, number in counts.items()]


def shortened(label: str) -> str:
    return label if len(label) <= MAX_LABEL_LETTERS else f"{label[: MAX_LABEL_LETTERS - 1]}…"


def most_common(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the largest counts in order, and the sum of the others."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(number for _, number in ordered[MAX_BARS:])
    return dict(ordered[:MAX_BARS]) | ({"all others": rest} if rest else {})
