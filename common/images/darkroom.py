"""Develop one picture: decode, turn upright, take all metadata away, and encode anew in several sizes.

Runs as a process of its own, `python -m common.images.darkroom`, by `common.limited`. Whatever a hostile file does to
the decoder, it happens in here: without settings, secrets, files to write or more memory and time than this takes.

Standard input is one line of JSON, the plan, and then the file. Standard output is one line of JSON and then the
encoded files, one after the other; or the reason why there are none.
"""

import base64
import io
import json
import sys
from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageCms, ImageOps

from common.limited import accept_limits

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "AVIF"]
LARGEST_SIDE = 16_384
LARGEST_AREA = 64_000_000
MOST_FRAMES = 400
# Of all frames together: what is decoded, and what is kept of it.
MOST_DECODED, MOST_KEPT = 300_000_000, 60_000_000
ANIMATION_SIDE = 640
SHORTEST_FRAME = 20  # milliseconds, as browsers do
QUALITY = 82
# A picture of so few colours is a drawing, and looks best as it is.
FEW_COLOURS = 256
PLACEHOLDER_SIDE = 5
DAMAGED = "The file is damaged: it cannot be read as a picture."


class Refused(Exception):
    """The picture cannot be used; the message is for the person who sent it."""


def main() -> None:
    accept_limits(sys.argv[1:])
    # Bounds of our own come before Pillow's, with words for people.
    Image.MAX_IMAGE_PIXELS = None
    plan, content = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    files: list[bytes] = []
    try:
        answer = develop(content, plan, files)
    except Refused as reason:
        answer = {"refused": str(reason)}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + b"".join(files))


def develop(content: bytes, plan: dict[str, Any], files: list[bytes]) -> dict[str, Any]:
    """Append the encoded files and return what they are."""
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        require_bounds(picture)
        if plan["animates"] and getattr(picture, "is_animated", False):
            return animation(picture, files)
        return still(upright(picture, plan), plan, files)
    except Refused:
        raise
    except MemoryError as error:
        raise Refused("Opening the picture takes too much memory. Send a smaller one.") from error
    except Exception as error:
        # Decoders raise whatever they like at what a stranger made up.
        raise Refused(DAMAGED) from error


def require_bounds(picture: Image.Image) -> None:
    """Refuse a picture by the size that its header names, before anything of it is decoded."""
    width, height = picture.size
    if not width or not height:
        raise Refused(DAMAGED)
    if max(width, height) > LARGEST_SIDE:
        raise Refused(f"The picture is {width} × {height} pixels; a side can have {LARGEST_SIDE} at the most.")
    if width * height > LARGEST_AREA:
        raise Refused(
            f"The picture is {width} × {height} pixels; it can have {LARGEST_AREA // 1_000_000} million at the most."
        )


def upright(picture: Image.Image, plan: dict[str, Any]) -> Image.Image:
    """Decode the picture, as the camera was held, in sRGB."""
    if picture.format == "JPEG":
        # The decoder can leave out detail that no size of ours shows.
        needed = max(plan["crop"] or [int(plan["area"] ** 0.5)])
        picture.draft(None, (needed, needed))
    picture.load()
    return in_colours(ImageOps.exif_transpose(picture))


def in_colours(picture: Image.Image) -> Image.Image:
    """Return the picture in sRGB, with transparency where it has some; a profile that does not hold is left out."""
    if picture.mode.startswith("I"):
        # Sixteen bits of grey.
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    has_alpha = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            mode = "RGBA" if picture.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(picture, source, target, outputMode=mode)
            picture = converted or picture
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return picture.convert("RGBA" if has_alpha else "RGB")


def still(picture: Image.Image, plan: dict[str, Any], files: list[bytes]) -> dict[str, Any]:
    if plan["crop"]:
        picture = ImageOps.fit(picture, fitting(picture, plan["crop"]), Image.Resampling.LANCZOS)
    else:
        picture = within(picture, plan["area"], plan["side"])
    is_drawing = picture.getcolors(FEW_COLOURS) is not None
    made = []
    for width in plan["widths"] if plan["crop"] else widths_of(picture, plan["widths"]):
        sized = picture.resize((width, height_at(picture, width))) if width < picture.width else picture
        files.append(encoded(sized, is_drawing))
        made.append({"name": f"{width}.webp", "width": width, "size": len(files[-1])})
    return described("image", picture, made)


def fitting(picture: Image.Image, crop: list[int]) -> tuple[int, int]:
    """Return the wanted shape, no larger than the picture fills."""
    share = min(1.0, picture.width / crop[0], picture.height / crop[1])
    return max(round(crop[0] * share), 1), max(round(crop[1] * share), 1)


def within(picture: Image.Image, area: int, side: int) -> Image.Image:
    share = min(1.0, (area / (picture.width * picture.height)) ** 0.5, side / max(picture.size))
    if share == 1.0:
        return picture
    size = (max(int(picture.width * share), 1), max(int(picture.height * share), 1))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def widths_of(picture: Image.Image, wanted: list[int]) -> list[int]:
    """Return the widths to make: the wanted ones that are clearly smaller than the picture, and its own."""
    return [width for width in wanted if width < picture.width * 0.9] + [picture.width]


def height_at(picture: Image.Image, width: int) -> int:
    return max(round(picture.height * width / picture.width), 1)


def encoded(picture: Image.Image, is_drawing: bool) -> bytes:
    """Return the picture as WebP, and nothing but the picture."""
    picture.info = {}
    out = io.BytesIO()
    options: dict[str, Any] = {"lossless": True, "quality": 60} if is_drawing else {"quality": QUALITY}
    picture.save(out, "WEBP", method=4, exif=b"", icc_profile=b"", xmp=b"", **options)
    return out.getvalue()


def animation(picture: Image.Image, files: list[bytes]) -> dict[str, Any]:
    """Make one size of all frames, and a still of the first for those who want nothing to move."""
    area = picture.width * picture.height
    frames: list[Image.Image] = []
    durations: list[int] = []
    for number, frame in enumerate(frames_of(picture), start=1):
        if number > MOST_FRAMES:
            raise Refused(f"The picture moves too long: it can have {MOST_FRAMES} frames at the most.")
        if number * area > MOST_DECODED:
            raise Refused("The picture is too large to move for so long. Send a smaller or a shorter one.")
        small = within(in_colours(frame), ANIMATION_SIDE**2, ANIMATION_SIDE)
        if number * small.width * small.height > MOST_KEPT:
            raise Refused("The picture moves too long for its size. Send a smaller or a shorter one.")
        frames.append(small)
        durations.append(max(int(frame.info.get("duration", 100) or 100), SHORTEST_FRAME))
    first = frames[0]
    if len(frames) == 1:
        return still(first, {"crop": [], "area": ANIMATION_SIDE**2, "side": ANIMATION_SIDE, "widths": []}, files)
    for frame in frames:
        frame.info = {}
    out = io.BytesIO()
    first.save(
        out,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        quality=70,
        method=2,
        exif=b"",
        icc_profile=b"",
        xmp=b"",
    )
    files += [out.getvalue(), encoded(first, is_drawing=False)]
    made = [{"name": f"{first.width}.webp", "width": first.width, "size": len(files[0])}]
    return described("animated", first, [*made, {"name": "still.webp", "width": 0, "size": len(files[1])}])


def frames_of(picture: Image.Image) -> Iterator[Image.Image]:
    """Yield frames as they are reached; what the file says about their number is not asked."""
    number = 0
    while True:
        try:
            picture.seek(number)
        except EOFError:
            return
        yield picture
        number += 1


def described(kind: str, picture: Image.Image, made: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "kind": kind,
        "width": picture.width,
        "height": picture.height,
        "placeholder": placeholder(picture),
        "files": made,
    }


def placeholder(picture: Image.Image) -> str:
    """Return a picture of a few pixels as a data URL, to be blown up behind the real one; none if one sees through."""
    if picture.mode == "RGBA":
        return ""
    share = PLACEHOLDER_SIDE / max(picture.size)
    size = (max(round(picture.width * share), 1), max(round(picture.height * share), 1))
    tiny = picture.resize(size, Image.Resampling.BOX).quantize(16, dither=Image.Dither.NONE)
    out = io.BytesIO()
    tiny.save(out, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


if __name__ == "__main__":
    main()
