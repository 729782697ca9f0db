"""Processes one image: decodes it, applies its orientation, strips metadata, encodes several sizes.

Runs as its own process, `python -m common.images.process_image`, inside `common.sandbox`. Whatever
a hostile file does to a decoder happens here: without settings, secrets, writable files, or more
memory and time than its limits.

Stdin is one line of JSON (the variant spec) and the file. Stdout is one line of JSON and the
encoded files, one after the other, or the reason why there are none.
"""

import base64
import io
import json
import sys
from collections.abc import Iterator
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from common.images.containers import MAX_FRAMES, Structure, iterate_gif, read_structure
from common.sandbox import apply_resource_limits

_FORMATS = ["PNG", "WEBP", "AVIF"]
MAX_SIDE = 16_384
MAX_AREA = 64_000_000
# Limits in pixels: decoded and kept over all frames, and over all scans of a JPEG.
MAX_DECODED, MAX_KEPT, MAX_SCANNED = 100_000_000, 60_000_000, 1_000_000_000
ANIMATION_SIDE = 640
MIN_FRAME_MS = 20  # milliseconds, as browsers do
QUALITY = 82
# An image with so few colors is a drawing, which lossless encoding suits best.
PALETTE_THRESHOLD = 256
# The flags byte in the first chunk of an animated WebP.
WEBP_FLAGS, WEBP_ALPHA = 20, 0x10
PLACEHOLDER_SIDE = 5
# GIF disposal methods.
RESTORE_BACKGROUND, RESTORE_PREVIOUS = 2, 3
# Transpositions by Exif orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
DAMAGED_MESSAGE = "The file is damaged: it cannot be read as a picture."


class ImageRejectedError(Exception):
    """The image cannot be used; the message is for the user."""


def main() -> None:
    apply_resource_limits(sys.argv[1:])
    # Our limits apply before Pillow's, with messages for the user.
    Image.MAX_IMAGE_PIXELS = None
    plan, content = json.loads(sys.stdin.buffer.readline()), sys.stdin.buffer.read()
    files: list[bytes] = []
    try:
        answer = process_upload(content, plan, files)
    except ImageRejectedError as reason:
        answer = {"refused": str(reason)}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + b"".join(files))


def process_upload(content: bytes, plan: dict[str, Any], files: list[bytes]) -> dict[str, Any]:
    """Append the encoded files and return their description."""
    try:
        structure = read_structure(content)
        check_dimensions(structure.width, structure.height)
        if plan["animates"] and structure.frames > 1:
            return render_animation(structure, plan, files)
        return render_variants(first_picture(structure, plan), plan, files)
    except ImageRejectedError:
        raise
    except MemoryError as error:
        raise ImageRejectedError(
            "Opening the picture takes too much memory. Send a smaller one."
        ) from error
    except Exception as error:
        # Decoders raise arbitrary exceptions on crafted files.
        raise ImageRejectedError(DAMAGED_MESSAGE) from error


def check_dimensions(width: int, height: int) -> None:
    """Reject an image by the size in its header, before decoding."""
    if max(width, height) > MAX_SIDE:
        raise ImageRejectedError(
            f"The picture is {width} × {height} pixels; a side can have {MAX_SIDE} at the most."
        )
    if width * height > MAX_AREA:
        raise ImageRejectedError(
            f"The picture is {width} × {height} pixels; it can have {MAX_AREA // 1_000_000} million at the most."
        )


def opened(structure: Structure) -> Image.Image:
    """Open an image within limits, without decoding it.

    Of a JPEG only the first image is read: Pillow would also return those behind it (Multi-Picture
    Format).
    """
    file = io.BytesIO(structure.content)
    picture = (
        JpegImageFile(file) if structure.format == "JPEG" else Image.open(file, formats=_FORMATS)
    )
    width, height = picture.size
    if not width or not height:
        raise ImageRejectedError(DAMAGED_MESSAGE)
    check_dimensions(width, height)
    if width * height * structure.scans > MAX_SCANNED:
        raise ImageRejectedError(
            "The picture is built up in too many steps. Save it in another way and send it again."
        )
    return picture


def first_picture(structure: Structure, plan: dict[str, Any]) -> Image.Image:
    """Decode an image, or the first frame, upright and in sRGB."""
    if structure.format == "GIF":
        return next(gif_frames(structure))
    picture = opened(structure)
    if structure.first_frame:
        picture.seek(structure.first_frame)
    if isinstance(picture, JpegImageFile):
        # The decoder can skip detail that no variant shows.
        needed = max(plan["crop"] or [int(plan["area"] ** 0.5)])
        picture.draft(None, (needed, needed))
    picture.load()
    return convert_to_srgb(ImageOps.exif_transpose(picture))


def convert_to_srgb(picture: Image.Image) -> Image.Image:
    """Convert to sRGB, keeping transparency; an invalid color profile is ignored."""
    if picture.mode.startswith("I"):
        # 16-bit grayscale.
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    has_alpha = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            source, target = (
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
            )
            mode = "RGBA" if picture.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(picture, source, target, outputMode=mode)
            picture = converted or picture
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return picture.convert("RGBA" if has_alpha else "RGB")


def render_variants(
    picture: Image.Image, plan: dict[str, Any], files: list[bytes]
) -> dict[str, Any]:
    if plan["crop"]:
        picture = ImageOps.fit(picture, crop_size(picture, plan["crop"]), Image.Resampling.LANCZOS)
    else:
        picture = fit_within(picture, plan["area"], plan["side"])
    is_drawing = picture.getcolors(PALETTE_THRESHOLD) is not None
    made = []
    for width in plan["widths"] if plan["crop"] else target_widths(picture, plan["widths"]):
        sized = (
            picture.resize((width, scaled_height(picture, width)))
            if width < picture.width
            else picture
        )
        files.append(encode_webp(sized, is_drawing))
        made.append({"name": f"{width}.webp", "width": width, "size": len(files[-1])})
    return result_payload("image", picture, made)


def crop_size(picture: Image.Image, crop: list[int]) -> tuple[int, int]:
    """Return the crop of the wanted aspect ratio, no larger than the image."""
    share = min(1.0, picture.width / crop[0], picture.height / crop[1])
    return max(round(crop[0] * share), 1), max(round(crop[1] * share), 1)


def fit_within(picture: Image.Image, area: int, side: int) -> Image.Image:
    size = size_within(*picture.size, area, side)
    return (
        picture
        if size == picture.size
        else picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    )


def size_within(width: int, height: int, area: int, side: int) -> tuple[int, int]:
    share = min(1.0, (area / max(width * height, 1)) ** 0.5, side / max(width, height, 1))
    return (
        (width, height)
        if share == 1.0
        else (max(int(width * share), 1), max(int(height * share), 1))
    )


def target_widths(picture: Image.Image, wanted: list[int]) -> list[int]:
    """Return the widths to create: those clearly smaller than the image, and its own."""
    return [width for width in wanted if width < picture.width * 0.9] + [picture.width]


def scaled_height(picture: Image.Image, width: int) -> int:
    return max(round(picture.height * width / picture.width), 1)


def encode_webp(picture: Image.Image, is_drawing: bool) -> bytes:
    """Encode as WebP without metadata."""
    picture.info = {}
    out = io.BytesIO()
    options: dict[str, Any] = (
        {"lossless": True, "quality": 60} if is_drawing else {"quality": QUALITY}
    )
    picture.save(out, "WEBP", method=4, exif=b"", icc_profile=b"", xmp=b"", **options)
    return out.getvalue()


def render_animation(
    structure: Structure, plan: dict[str, Any], files: list[bytes]
) -> dict[str, Any]:
    """Encode all frames at one size, and a still of the first for reduced motion."""
    require_short(structure)
    frames, durations = small_frames(structure)
    if len(frames) == 1:
        return render_variants(first_picture(structure, plan), plan, files)
    if any(frame.mode == "RGBA" for frame in frames):
        # The encoder applies the first frame's setting to all.
        frames = [frame.convert("RGBA") for frame in frames]
    first = frames[0]
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
    files += [with_alpha(out.getvalue(), first.mode), encode_webp(first, is_drawing=False)]
    made = [{"name": f"{first.width}.webp", "width": first.width, "size": len(files[0])}]
    return result_payload(
        "animated", first, [*made, {"name": "still.webp", "width": 0, "size": len(files[1])}]
    )


def with_alpha(content: bytes, mode: str) -> bytes:
    """Set the alpha flag of an animated WebP (RFC 9649, section 2.7.1).

    The encoder sets it only if a frame has transparent pixels, not if the canvas shows between
    frames.
    """
    if mode != "RGBA" or content[12:16] != b"VP8X":
        return content
    return (
        content[:WEBP_FLAGS] + bytes([content[WEBP_FLAGS] | WEBP_ALPHA]) + content[WEBP_FLAGS + 1 :]
    )


def require_short(structure: Structure) -> None:
    """Reject an animation by the cost its structure implies, before decoding."""
    if structure.frames > MAX_FRAMES:
        raise ImageRejectedError(
            f"The picture moves too long: it can have {MAX_FRAMES} frames at the most."
        )
    if structure.frames * structure.width * structure.height > MAX_DECODED:
        raise ImageRejectedError(
            "The picture is too large to move for so long. Send a smaller or a shorter one."
        )
    width, height = size_within(
        structure.width, structure.height, ANIMATION_SIDE**2, ANIMATION_SIDE
    )
    if structure.frames * width * height > MAX_KEPT:
        raise ImageRejectedError(
            "The picture moves too long for its size. Send a smaller or a shorter one."
        )


def small_frames(structure: Structure) -> tuple[list[Image.Image], list[int]]:
    """Return scaled frames and their durations, up to the first broken one."""
    turn = TURNS.get(orientation_of(structure))
    frames: list[Image.Image] = []
    durations: list[int] = []
    decoded = gif_frames(structure) if structure.format == "GIF" else decoded_frames(structure)
    try:
        for picture in decoded:
            frame = fit_within(convert_to_srgb(picture), ANIMATION_SIDE**2, ANIMATION_SIDE)
            frame = frame if turn is None else frame.transpose(turn)
            frame.info = {}
            frames.append(frame)
            durations.append(max(int(picture.info.get("duration", 100) or 100), MIN_FRAME_MS))
    except MemoryError:
        raise
    except Exception:
        if not frames:
            raise
    return frames, durations


def decoded_frames(structure: Structure) -> Iterator[Image.Image]:
    """Yield the composed frames of a WebP or PNG."""
    picture = opened(structure)
    for number in range(structure.first_frame, structure.first_frame + structure.frames):
        picture.seek(number)
        picture.load()
        yield picture


def gif_frames(structure: Structure) -> Iterator[Image.Image]:
    """Yield the frames of a GIF composed as browsers do, with a transparent background."""
    check_dimensions(structure.width, structure.height)
    canvas = Image.new("RGBA", (structure.width, structure.height))
    for frame in iterate_gif(structure.content):
        before = canvas.copy() if frame.disposal == RESTORE_PREVIOUS else None
        alone = Image.open(
            io.BytesIO(frame.build_file(structure.content)), formats=["GIF"]
        ).convert("RGBA")
        canvas.alpha_composite(alone, (frame.left, frame.top))
        is_opaque = canvas.getchannel("A").getextrema() == (255, 255)
        shown = canvas.convert("RGB") if is_opaque else canvas.copy()
        shown.info["duration"] = frame.duration
        yield shown
        if frame.disposal == RESTORE_BACKGROUND:
            canvas.paste(
                (0, 0, 0, 0),
                (frame.left, frame.top, frame.left + frame.width, frame.top + frame.height),
            )
        elif before is not None:
            canvas = before
    if not structure.frames:
        raise ImageRejectedError(DAMAGED_MESSAGE)


def orientation_of(structure: Structure) -> int:
    """Return the Exif orientation (Exif 2.32, tag 0x0112), wherever the file has it."""
    exif = Image.Exif()
    exif.load(structure.exif)
    return int(exif.get(ExifTags.Base.Orientation, 1))


def result_payload(kind: str, picture: Image.Image, made: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "kind": kind,
        "width": picture.width,
        "height": picture.height,
        "placeholder": placeholder(picture),
        "files": made,
    }


def placeholder(picture: Image.Image) -> str:
    """Return a tiny version as a data URL, to show blurred while loading; empty if transparent."""
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
