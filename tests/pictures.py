"""Pictures for tests, good ones and hostile ones, made on the spot."""

import io
import struct
import zlib

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from accounts.models import User
from posts.models import Media
from posts.services import media

GPS = 0x8825
ORIENTATION = 0x0112


def image(width: int = 300, height: int = 200, mode: str = "RGB") -> Image.Image:
    """Return a picture with more to it than one colour."""
    return Image.radial_gradient("L").resize((width, height)).convert(mode)


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def jpeg(width: int = 300, height: int = 200, **options: object) -> bytes:
    return encoded(image(width, height), **options)


def with_secrets() -> bytes:
    """Return a photograph that says where and with what it was taken, lying on its side."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(GPS)[2] = (52.0, 22.0, 11.0)
    return jpeg(exif=exif, comment=b"SecretComment", xmp=b"<x:xmpmeta>SecretPacket</x:xmpmeta>")


def with_text() -> bytes:
    words = PngInfo()
    words.add_text("Author", "SecretAuthor")
    return encoded(image(), "PNG", pnginfo=words)


def gif(frames: int, width: int = 40, height: int = 30, duration: int = 50) -> bytes:
    pictures = [Image.new("L", (width, height), number * 20 % 250) for number in range(frames)]
    return encoded(
        pictures[0],
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=duration,
        optimize=False,
        disposal=2,
    )


def endless_gif(frames: int, width: int = 40, height: int = 30) -> bytes:
    """Return a GIF that shows the same two frames again and again."""
    one = gif(2, width, height)
    head, frame = one[: one.index(b"\x21\xf9")], one[one.index(b"\x21\xf9") : -1]
    return head + frame * (frames // 2) + b"\x3b"


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png_of_zeros(width: int, height: int) -> bytes:
    """Return a few bytes that say they are a large picture, and are."""
    packer = zlib.compressobj(9)
    row, packed = bytes((width + 7) // 8 + 1), b""
    for _ in range(height):
        packed += packer.compress(row)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + chunk(b"IDAT", packed + packer.flush())
        + chunk(b"IEND", b"")
    )


def sent(owner: User, content: bytes | None = None) -> Media:
    """Return a picture as it is once somebody has sent it."""
    return media.add_media(owner=owner, file=io.BytesIO(content if content is not None else jpeg()))


def ready(owner: User, **fields: object) -> Media:
    """Return the row of a picture that was developed, without its files."""
    size = {"width": 300, "height": 200, "widths": [300]}
    return Media.objects.create(**{"owner": owner, "state": Media.State.READY, **size, **fields})


def developed(owner: User, content: bytes | None = None, **fields: object) -> Media:
    """Return a picture as it is once a worker had it."""
    row = sent(owner, content)
    media.process_media(row.pk)
    if fields:
        Media.objects.filter(pk=row.pk).update(**fields)
    return Media.objects.get(pk=row.pk)
