"""Reads the structure of image files without decoding a pixel.

A file may hold several images: frames of an animation, or a depth map, gain map or second shot
behind a phone's photo. Only GIF, WebP and PNG animate; extra images in other formats are ignored.
So the cost of an animation is known before any of it is paid.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from common.images.formats import HEADER_BYTES, detect_format

MAX_FRAMES = 400
WEBP_ANIMATES = 0x02
# In scan data 0xFF is followed by zero or a restart marker; anything else starts the next segment.
JPEG_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
JPEG_BARE_MARKERS = (0x01, *range(0xD0, 0xD9))
JPEG_SCAN, JPEG_END = 0xDA, 0xD9


@dataclass(frozen=True, slots=True)
class Structure:
    """The format of a file and what it holds; `content` is the part that a decoder accepts.

    Width and height are 0 if only the decoder reads them. `frames` counts animation frames up to
    `MAX_FRAMES` + 1, and is 0 without an animation; `first_frame` is Pillow's index of the first
    one. `scans` is the number of passes of a JPEG.
    """

    format: str | None
    content: bytes
    width: int = 0
    height: int = 0
    frames: int = 0
    first_frame: int = 0
    scans: int = 1
    exif: bytes = b""


def read_structure(content: bytes) -> Structure:
    """Return what a file holds; a truncated file holds what comes before the cut."""
    kind = detect_format(content[:HEADER_BYTES])
    readers = {"GIF": read_gif, "PNG": read_png, "WEBP": read_webp, "JPEG": read_jpeg}
    if kind in readers:
        return readers[kind](content)
    return Structure(kind, content)


@dataclass(frozen=True, slots=True)
class GifFrame:
    """A GIF frame: position, duration in milliseconds and disposal method (GIF89a, section 23)."""

    left: int
    top: int
    width: int
    height: int
    duration: int
    disposal: int
    # Color table and data, between the header and trailer of a file.
    content: tuple[int, int]
    control: bytes
    flags: int

    def build_file(self, content: bytes) -> bytes:
        """Return the frame as a GIF file."""
        table = size_of_colour_table(content[10])
        screen = (
            struct.pack("<HHBBB", self.width, self.height, content[10], 0, 0)
            + content[13 : 13 + table]
        )
        descriptor = struct.pack("<BHHHHB", 0x2C, 0, 0, self.width, self.height, self.flags)
        begin, end = self.content
        return b"GIF89a" + screen + self.control + descriptor + content[begin:end] + b"\x3b"


def read_gif(content: bytes) -> Structure:
    """Return the size that encloses all frames, which may exceed the screen, and their number."""
    frames = list(islice(iterate_gif(content), MAX_FRAMES + 1))
    if not frames:
        return Structure("GIF", content)
    width, height = struct.unpack_from("<HH", content, 6)
    width = max(width, *(frame.left + frame.width for frame in frames))
    height = max(height, *(frame.top + frame.height for frame in frames))
    return Structure("GIF", content, width, height, len(frames))


def iterate_gif(content: bytes) -> Iterator[GifFrame]:
    """Yield the frames of a GIF lazily."""
    if len(content) < 13:
        return
    at, control = 13 + size_of_colour_table(content[10]), b""
    while at < len(content) and content[at] != 0x3B:
        block = content[at]
        if block == 0x2C and at + 10 <= len(content):
            left, top, width, height, flags = struct.unpack_from("<HHHHB", content, at + 1)
            begin = at + 10
            at = after_blocks(content, begin + 1 + size_of_colour_table(flags))
            disposal, delay = (
                (control[3] >> 2 & 7, struct.unpack_from("<H", control, 4)[0])
                if control
                else (0, 0)
            )
            yield GifFrame(
                left, top, width, height, delay * 10, disposal, (begin, at), control, flags
            )
            control = b""
        elif block == 0x21:
            end = after_blocks(content, at + 2)
            if content[at + 1 : at + 3] == b"\xf9\x04" and end == at + 8:
                control = content[at:end]
            at = end
        else:
            at += 1


def size_of_colour_table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def after_blocks(content: bytes, at: int) -> int:
    """Return the end of a sequence of length-prefixed sub-blocks, which an empty one terminates."""
    while at < len(content) and content[at]:
        at += content[at] + 1
    return at + 1


def read_png(content: bytes) -> Structure:
    """Return the size and the number of APNG frames
    (https://www.w3.org/TR/png-3/#apng-frame-based-animation).

    A default image outside of the animation is not counted.
    """
    width = height = announced = frames = 0
    is_data_seen = is_default_apart = False
    exif, at = b"", 8
    while at + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + length] if kind in (b"IHDR", b"acTL", b"eXIf") else b""
        if kind == b"IHDR" and len(body) >= 8:
            width, height = struct.unpack_from(">II", body)
        elif kind == b"acTL" and len(body) == 8 and not is_data_seen:
            announced = struct.unpack_from(">I", body)[0]
        elif kind == b"fcTL":
            frames += 1
        elif kind == b"IDAT" and not is_data_seen:
            is_data_seen, is_default_apart = True, frames == 0
        elif kind == b"eXIf":
            exif = body
        elif kind == b"IEND":
            break
        at += length + 12
    frames = min(frames, announced, MAX_FRAMES + 1)
    return Structure(
        "PNG", content, width, height, frames, int(is_default_apart and frames > 0), exif=exif
    )


def read_webp(content: bytes) -> Structure:
    """Return the canvas size and the number of frames of a WebP (RFC 9649), ignoring a truncated
    chunk.
    """
    width = height = frames = 0
    animates, exif = False, b""
    announced = struct.unpack_from("<I", content, 4)[0] + 8
    end = min(len(content), announced)
    at = 12
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", content, at)
        after = at + 8 + length
        if after > end:
            break
        if kind == b"VP8X" and length >= 10:
            animates = bool(content[at + 8] & WEBP_ANIMATES)
            width = int.from_bytes(content[at + 12 : at + 15], "little") + 1
            height = int.from_bytes(content[at + 15 : at + 18], "little") + 1
        elif kind == b"ANMF":
            frames += 1
        elif kind == b"EXIF":
            exif = content[at + 8 : after]
        at = after + length % 2
    if announced > len(content) and width:
        whole = content[8:at]
        content = b"RIFF" + struct.pack("<I", len(whole)) + whole
    frames = min(frames, MAX_FRAMES + 1) if animates else 0
    return Structure("WEBP", content, width, height, frames, exif=exif)


def read_jpeg(content: bytes) -> Structure:
    """Return the number of scans of a JPEG's first image; each may touch all of its pixels."""
    at, scans = 2, 0
    while (found := JPEG_MARKER.search(content, at)) is not None:
        marker, at = content[found.start() + 1], found.end()
        if marker == JPEG_END:
            break
        if marker == JPEG_SCAN:
            scans += 1
        if marker not in JPEG_BARE_MARKERS and at + 2 <= len(content):
            at += struct.unpack_from(">H", content, at)[0]
    return Structure("JPEG", content, scans=max(scans, 1))
