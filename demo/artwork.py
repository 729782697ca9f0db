"""Pictures for the demo world, drawn here so that no files have to be kept: the same each time."""

import io
import math
from collections.abc import Callable, Sequence
from functools import cache
from random import Random

from PIL import Image, ImageColor, ImageDraw, ImageFilter

Colour = str
Point = tuple[float, float]
Box = tuple[float, float, float, float]

WIDE, SQUARE, BANNER = (1200, 800), (480, 480), (1500, 500)
# Drawn so many times larger and made smaller, which smooths the edges.
FINER = 2


class Sheet:
    """A sheet to draw on, in parts of its width and height from 0 to 1, with the origin at the top left."""

    def __init__(self, size: tuple[int, int], top: Colour, bottom: Colour) -> None:
        self.size = size
        self.width, self.height = size[0] * FINER, size[1] * FINER
        ends = Image.new("RGB", (1, 2))
        ends.putpixel((0, 0), ImageColor.getrgb(top))
        ends.putpixel((0, 1), ImageColor.getrgb(bottom))
        self.image = ends.resize((self.width, self.height), Image.Resampling.BILINEAR)
        self.pen = ImageDraw.Draw(self.image)

    def at(self, x: float, y: float) -> Point:
        return x * self.width, y * self.height

    def disc(self, x: float, y: float, radius: float, colour: Colour, flat: float = 1) -> None:
        """Fill an ellipse around a point; the radius is a part of the height."""
        across, down = radius * self.height, radius * self.height * flat
        middle = self.at(x, y)
        box = (middle[0] - across, middle[1] - down, middle[0] + across, middle[1] + down)
        self.pen.ellipse(box, fill=colour)

    def block(self, box: Box, colour: Colour, corner: float = 0) -> None:
        around = (*self.at(*box[:2]), *self.at(*box[2:]))
        self.pen.rounded_rectangle(around, radius=corner * self.height, fill=colour)

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        self.pen.polygon([self.at(*point) for point in points], fill=colour)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        thick = max(round(width * self.height), 1)
        self.pen.line(
            [self.at(*point) for point in points], fill=colour, width=thick, joint="curve"
        )

    def hills(self, level: float, swing: float, colour: Colour, seed: int) -> None:
        """Fill everything below a line of hills."""
        random = dice(seed)
        waves = [
            (random.uniform(1, 4), random.uniform(0, math.tau), random.random()) for _ in range(3)
        ]
        total = sum(weight for *_, weight in waves)

        def height(x: float) -> float:
            swung = sum(
                weight * math.sin(x * often * math.tau / 2 + begin)
                for often, begin, weight in waves
            )
            return level + swing * swung / total

        across = [number / 80 for number in range(81)]
        self.shape([(0, 1), *((x, height(x)) for x in across), (1, 1)], colour)

    def blur(self, radius: float) -> None:
        self.image = self.image.filter(ImageFilter.GaussianBlur(radius * self.height))
        self.pen = ImageDraw.Draw(self.image)

    def as_jpeg(self) -> bytes:
        out = io.BytesIO()
        self.image.reduce(FINER).save(out, "JPEG", quality=88)
        return out.getvalue()


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - no secret comes of it


def frost() -> Sheet:
    """Rows of kale under frost, with a low sun."""
    sheet = Sheet(WIDE, "#b9cbe0", "#f6e3cf")
    sheet.disc(0.74, 0.36, 0.09, "#fff4d8")
    sheet.hills(0.46, 0.03, "#93a5b4", 3)
    sheet.hills(0.52, 0.02, "#dfe8ec", 5)
    random = dice(1)
    for row in range(5):
        y, size = 0.58 + row * 0.1, 0.028 + row * 0.014
        sheet.line([(0, y + size), (1, y + size)], "#c7d3da", 0.012)
        for number in range(14 - 2 * row):
            x = (number + 0.5) / (14 - 2 * row) + random.uniform(-0.01, 0.01)
            sheet.disc(x, y - size * 0.3, size, "#2f4a43")
            for number_of_leaf in range(9):
                turn = math.pi * number_of_leaf / 8
                sheet.disc(
                    x + math.cos(turn) * size * 0.8,
                    y - math.sin(turn) * size,
                    size * 0.45,
                    "#3f5f55",
                )
                sheet.disc(
                    x + math.cos(turn) * size * 0.9,
                    y - math.sin(turn) * size * 1.2,
                    size * 0.2,
                    "#eaf2f2",
                )
    return sheet


def pebbles() -> Sheet:
    """Four stones on wet sand, one with a hole."""
    sheet = Sheet(WIDE, "#cfe0e4", "#d9b98c")
    sheet.hills(0.2, 0.004, "#6f9aa8", 2)
    sheet.hills(0.3, 0.012, "#e9e4d6", 8)
    sheet.hills(0.33, 0.012, "#c9a77c", 8)
    stones = [
        (0.2, 0.62, 0.1, "#6d6a66"),
        (0.42, 0.74, 0.13, "#8d7f74"),
        (0.66, 0.6, 0.11, "#4f5a60"),
    ]
    for x, y, radius, colour in [*stones, (0.85, 0.79, 0.09, "#a8988a")]:
        sheet.disc(x + 0.015, y + 0.04, radius, "#a98a61", 0.7)
        sheet.disc(x, y, radius, colour, 0.72)
        sheet.disc(x - radius * 0.25, y - radius * 0.25, radius * 0.3, "#b5aea4", 0.5)
    sheet.disc(0.66, 0.6, 0.035, "#c9a77c")
    return sheet


def moon() -> Sheet:
    """The Moon beside Jupiter, over roofs."""
    sheet = Sheet(WIDE, "#0d1830", "#3c4a70")
    random = dice(4)
    for _ in range(90):
        sheet.disc(
            random.random(), random.uniform(0, 0.7), random.uniform(0.001, 0.0025), "#c7d2ee"
        )
    sheet.disc(0.42, 0.36, 0.13, "#f3ead2")
    sheet.disc(0.385, 0.345, 0.12, "#1c2847")
    sheet.disc(0.6, 0.3, 0.014, "#fff6df")
    for number in range(7):
        left, top = number / 7, random.uniform(0.76, 0.86)
        sheet.block((left, top, left + 1 / 7, 1), "#0a1020")
        sheet.shape([(left, top), (left + 1 / 14, top - 0.07), (left + 1 / 7, top)], "#0a1020")
        if number % 3 == 1:
            sheet.block((left + 0.05, top + 0.05, left + 0.08, top + 0.11), "#f2c66d")
    return sheet


def thursdays() -> Sheet:
    """A chart of seven days, of which one has a bar."""
    sheet = Sheet(WIDE, "#fbf8f1", "#fbf8f1")
    for number in range(4):
        sheet.line([(0.1, 0.2 + number * 0.2), (0.94, 0.2 + number * 0.2)], "#ddd6c8", 0.003)
    sheet.line([(0.1, 0.14), (0.1, 0.8), (0.94, 0.8)], "#57514a", 0.006)
    for number, letter in enumerate("MTWTFSS"):
        x = 0.16 + number * 0.12
        if number == 3:
            sheet.block((x - 0.04, 0.23, x + 0.04, 0.797), "#b1452f")
        sheet.pen.text(
            sheet.at(x, 0.87), letter, fill="#57514a", font_size=0.07 * sheet.height, anchor="mm"
        )
    return sheet


def knitting() -> Sheet:
    """Stitches in rows, and one that slipped."""
    sheet = Sheet(WIDE, "#7d3320", "#6b2a1a")
    for row in range(15):
        for number in range(25):
            x, y = number / 24, row / 13
            colour = (
                "#d9a441"
                if (row, number) == (6, 15)
                else ("#b5563a", "#bf6143")[(row + number) % 2]
            )
            for side in (-1, 1):
                points = [
                    (x, y),
                    (x + side * 0.018, y - 0.045),
                    (x + side * 0.018, y - 0.075),
                    (x, y - 0.03),
                ]
                sheet.shape(points, colour)
    return sheet


def tea() -> Sheet:
    """A cup of tea before a window with rain on it."""
    sheet = Sheet(WIDE, "#8ea3a8", "#5f7479")
    random = dice(6)
    for _ in range(12):
        sheet.disc(random.random(), random.uniform(0, 0.6), random.uniform(0.05, 0.12), "#7d9a86")
    sheet.blur(0.02)
    for _ in range(120):
        x, y = random.random(), random.uniform(0, 0.7)
        sheet.line([(x, y), (x - 0.004, y + random.uniform(0.02, 0.06))], "#c9d6d8", 0.003)
    sheet.block((0, 0.74, 1, 1), "#7a5a3c")
    sheet.block((0.485, 0, 0.515, 0.74), "#efe9dc")
    sheet.disc(0.36, 0.8, 0.15, "#5c412a", 0.25)
    sheet.block((0.28, 0.55, 0.44, 0.8), "#f4efe4", 0.06)
    sheet.pen.ellipse(
        (*sheet.at(0.425, 0.6), *sheet.at(0.485, 0.73)),
        outline="#f4efe4",
        width=int(0.02 * sheet.height),
    )
    sheet.disc(0.36, 0.56, 0.118, "#a9612b", 0.2)
    for x in (0.33, 0.36, 0.39):
        curve = [(x + 0.008 * math.sin(step), 0.5 - step * 0.028) for step in range(9)]
        sheet.line(curve, "#e6eceb", 0.006)
    return sheet


def envelopes() -> Sheet:
    """Six envelopes, on each a tomato of another red."""
    sheet = Sheet(WIDE, "#5d6b57", "#4f5c4a")
    for number, red in enumerate(
        ("#c0392b", "#e67e22", "#8e2f3c", "#f1c40f", "#d35466", "#7b8f3a")
    ):
        left, top = 0.07 + number % 3 * 0.3, 0.1 + number // 3 * 0.43
        sheet.block((left + 0.008, top + 0.014, left + 0.268, top + 0.374), "#3c4738")
        sheet.block((left, top, left + 0.26, top + 0.36), "#ead9b8")
        sheet.shape([(left, top), (left + 0.13, top + 0.12), (left + 0.26, top)], "#dcc79f")
        sheet.disc(left + 0.13, top + 0.22, 0.07, red, 0.9)
        for turn in range(5):
            angle = math.tau * turn / 5 - math.pi / 2
            tip = (left + 0.13 + math.cos(angle) * 0.028, top + 0.165 + math.sin(angle) * 0.03)
            sheet.line([(left + 0.13, top + 0.165), tip], "#49663b", 0.008)
        sheet.line([(left + 0.08, top + 0.325), (left + 0.18, top + 0.325)], "#8d7c5b", 0.006)
    return sheet


def fig() -> Sheet:
    """A small fig tree in a rice cooker."""
    sheet = Sheet(WIDE, "#e9e2d2", "#d3c6ad")
    sheet.block((0, 0.82, 1, 1), "#a8886a")
    sheet.line([(0.5, 0.62), (0.49, 0.4), (0.47, 0.24)], "#6d5a45", 0.02)
    for x, y, turn in [
        (0.36, 0.3, -1),
        (0.44, 0.18, -0.4),
        (0.57, 0.24, 0.7),
        (0.62, 0.4, 1.1),
        (0.37, 0.46, -1.2),
    ]:
        sheet.line([(0.49, 0.44), (x, y)], "#6d5a45", 0.01)
        for lobe in range(5):
            angle = -math.pi / 2 + turn + (lobe - 2) * 0.6
            sheet.disc(
                x + math.cos(angle) * 0.035,
                y + math.sin(angle) * 0.05,
                0.042,
                ("#4d7a45", "#5b8a4f")[lobe % 2],
            )
    for x, y in ((0.455, 0.36), (0.53, 0.4)):
        sheet.disc(x, y, 0.028, "#5b3a58", 1.2)
    sheet.block((0.36, 0.6, 0.64, 0.86), "#f7f5f0", 0.08)
    sheet.block((0.34, 0.6, 0.66, 0.64), "#c9c5bc", 0.02)
    sheet.disc(0.5, 0.75, 0.03, "#c0392b")
    return sheet


def loaf() -> Sheet:
    """A dark round loaf on a board."""
    sheet = Sheet(WIDE, "#d8cbb4", "#b59f7f")
    sheet.block((0.1, 0.56, 0.9, 0.9), "#8a6742", 0.06)
    sheet.disc(0.5, 0.62, 0.33, "#4b331f", 0.3)
    sheet.disc(0.5, 0.5, 0.31, "#5a3821", 0.72)
    sheet.disc(0.48, 0.46, 0.26, "#6b4428", 0.66)
    random = dice(7)
    for _ in range(260):
        angle, far = random.uniform(0, math.tau), 0.24 * math.sqrt(random.random())
        sheet.disc(
            0.49 + math.cos(angle) * far * 0.66,
            0.46 + math.sin(angle) * far * 0.66,
            0.004,
            "#e8dcc6",
        )
    for cut in range(3):
        x = 0.42 + cut * 0.07
        sheet.line([(x - 0.05, 0.58), (x + 0.03, 0.33)], "#d9b98c", 0.014)
    return sheet


def tower_clock() -> Sheet:
    """The face of a clock at three minutes past twelve."""
    sheet = Sheet(WIDE, "#a9bccb", "#dfe3df")
    sheet.block((0.26, 0, 0.74, 1), "#b08d6a")
    for row in range(12):
        for number in range(4 + row % 2):
            left = 0.26 + (number - row % 2 / 2) * 0.12
            box = (
                max(left, 0.26) + 0.003,
                row / 12 + 0.004,
                min(left + 0.117, 0.737),
                (row + 1) / 12,
            )
            sheet.block(box, ("#a7825f", "#b4926f")[(row + number) % 2])
    sheet.disc(0.5, 0.5, 0.36, "#4d3b2c")
    sheet.disc(0.5, 0.5, 0.34, "#f4ecdc")
    for hour in range(12):
        angle = math.tau * hour / 12
        sheet.disc(
            0.5 + math.sin(angle) * 0.2,
            0.5 - math.cos(angle) * 0.3,
            (0.009, 0.018)[hour % 3 == 0],
            "#4d3b2c",
        )
    for angle, long, width in ((math.tau * 3 / 720, 0.18, 0.022), (math.tau * 3 / 60, 0.27, 0.013)):
        tip = (0.5 + math.sin(angle) * long * 2 / 3, 0.5 - math.cos(angle) * long)
        sheet.line([(0.5, 0.5), tip], "#2b211a", width)
    sheet.disc(0.5, 0.5, 0.02, "#2b211a")
    return sheet


def leaf() -> Sheet:
    sheet = Sheet(SQUARE, "#e8e4d0", "#d5dcc0")
    outline = [
        (0.5 + math.sin(turn) * 0.24 * math.sin(turn / 2), 0.5 - math.cos(turn) * 0.36)
        for turn in round_about()
    ]
    sheet.shape(outline, "#4d7a45")
    sheet.line([(0.5, 0.95), (0.5, 0.2)], "#dbe6c4", 0.016)
    for number in range(4):
        y = 0.4 + number * 0.1
        for side in (-1, 1):
            sheet.line([(0.5, y + 0.06), (0.5 + side * 0.14, y - 0.02)], "#dbe6c4", 0.01)
    return sheet


def wheat() -> Sheet:
    sheet = Sheet(SQUARE, "#7a4a2b", "#5f3820")
    sheet.line([(0.5, 0.95), (0.5, 0.25)], "#e9c988", 0.016)
    for number in range(5):
        y = 0.24 + number * 0.1
        for side in (-1, 1):
            sheet.disc(0.5 + side * 0.09, y + 0.03, 0.06, "#e9c988", 0.75)
    sheet.disc(0.5, 0.16, 0.055, "#e9c988", 1.3)
    return sheet


def comb() -> Sheet:
    sheet = Sheet(SQUARE, "#e7a92e", "#d98e1c")
    for row in range(5):
        for number in range(5):
            x, y = (number + row % 2 / 2) * 0.26 - 0.02, row * 0.225 + 0.05
            corners = [
                (x + math.sin(math.tau * k / 6) * 0.13, y - math.cos(math.tau * k / 6) * 0.13)
                for k in range(6)
            ]
            sheet.shape(corners, ("#f6cf6b", "#f1bd45", "#b8741a")[(row * 2 + number) % 3])
    return sheet


def crescent() -> Sheet:
    sheet = Sheet(SQUARE, "#14213d", "#2c3a63")
    sheet.disc(0.5, 0.5, 0.3, "#f3ead2")
    sheet.disc(0.6, 0.44, 0.26, "#1f2c50")
    sheet.disc(0.68, 0.36, 0.022, "#f3ead2")
    return sheet


def valley() -> Sheet:
    """Hills at evening."""
    return landscape(("#f3c9a5", "#f7e6cf"), ("#c98f7a", "#9b6f72", "#6a5468"), 11)


def dawn() -> Sheet:
    """Roofs and hills before sunrise."""
    return landscape(("#34476b", "#e8a87c"), ("#5a5f7d", "#41455f", "#2a2d40"), 12)


def meadow() -> Sheet:
    """Green hills."""
    return landscape(("#cfe3ea", "#eef3e2"), ("#a9c08a", "#7fa067", "#577a4a"), 13)


def landscape(sky: tuple[Colour, Colour], hills: Sequence[Colour], seed: int) -> Sheet:
    sheet = Sheet(BANNER, *sky)
    sheet.disc(0.7, 0.36, 0.1, sky[1])
    for number, colour in enumerate(hills):
        sheet.hills(0.5 + number * 0.15, 0.08, colour, seed + number)
    return sheet


def round_about() -> list[float]:
    return [math.tau * number / 60 for number in range(61)]


DRAWINGS: dict[str, Callable[[], Sheet]] = {
    drawing.__name__: drawing
    for drawing in (
        *(frost, pebbles, moon, thursdays, knitting, tea, envelopes, fig, loaf, tower_clock),
        *(leaf, wheat, comb, crescent, valley, dawn, meadow),
    )
}


@cache
def drawn(name: str) -> bytes:
    """Return a picture as a file that somebody would send."""
    return DRAWINGS[name]().as_jpeg()
