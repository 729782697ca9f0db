"""Which sizes are made of a picture, by what it is for. Plain data, as the child process gets it too."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class VariantSpec:
    """`widths` are made where the picture has them.

    With `crop`, a shape (width, height), it is cut to that around its middle, and the files have the names of all
    widths, also where the picture is smaller.
    """

    widths: list[int]
    # The largest area and side of what is served, in pixels.
    area: int = 2048 * 2048
    side: int = 8192
    crop: list[int] = field(default_factory=list)
    animates: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


POST = VariantSpec(widths=[360, 720, 1280], animates=True)
AVATAR = VariantSpec(widths=[96, 400], crop=[400, 400])
HEADER = VariantSpec(widths=[750, 1500], crop=[1500, 500])
CARD = VariantSpec(widths=[360, 720], crop=[720, 378])
