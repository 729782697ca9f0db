"""Image variants by purpose. Plain data: the subprocess receives it as JSON."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class VariantSpec:
    """`widths` are created if the image is large enough.

    `crop` is an aspect ratio (width, height) to cut to, around the center. Cropped variants exist
    under all width names, even if the image is smaller.
    """

    widths: list[int]
    # Largest area and side of what is served, in pixels.
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
