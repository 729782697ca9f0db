"""Files that hold more than one picture: read from their blocks, and made into what their sender saw."""

import io
import struct
import time
import zlib

import pytest
from PIL import Image

from common.images import variants
from common.images.containers import MAX_FRAMES, read_structure
from common.images.process_image import MAX_SCANNED, ImageRejectedError, process_upload
from tests.pictures import ORIENTATION, chunk, encoded, endless_gif, gif, image, jpeg

RED, GREEN, BLUE = (220, 20, 20), (20, 200, 20), (20, 20, 220)
NOTHING = (0, 0, 0, 0)
SIZE = (60, 40)
MOVING = ["GIF", "WEBP", "PNG"]


def plain(colour: tuple[int, ...], size: tuple[int, int] = SIZE) -> Image.Image:
    return Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour)


def halves(
    left: tuple[int, ...], right: tuple[int, ...], size: tuple[int, int] = SIZE
) -> Image.Image:
    picture = plain(left, size)
    picture.paste(right, (size[0] // 2, 0, *size))
    return picture


def orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = value
    return exif


def several(kind: str, *pictures: Image.Image, **options: object) -> bytes:
    first, *others = pictures
    return encoded(first, kind, save_all=True, append_images=others, **options)


def moving(kind: str, *pictures: Image.Image, **options: object) -> bytes:
    lossless = {"lossless": True} if kind == "WEBP" else {}
    return several(kind, *pictures, duration=100, **lossless, **options)


class Made:
    """What the darkroom made of a file, in the process of the test."""

    def __init__(self, content: bytes, plan: variants.VariantSpec = variants.POST) -> None:
        files: list[bytes] = []
        answer = process_upload(content, plan.as_dict(), files)
        self.kind, self.size = answer["kind"], (answer["width"], answer["height"])
        self.names = [file["name"] for file in answer["files"]]
        self.full = Image.open(io.BytesIO(files[0 if self.kind == "animated" else -1]))
        self.still = Image.open(io.BytesIO(files[-1]))

    def colour(self, frame: int = 0, at: tuple[int, int] = (10, 20)) -> tuple[int, ...]:
        self.full.seek(frame)
        return self.full.convert("RGBA").getpixel(at)

    def shows(self, *colours: tuple[int, ...], at: tuple[int, int] = (10, 20)) -> bool:
        """Say whether these are its frames, as far as one pixel tells."""
        frames = getattr(self.full, "n_frames", 1)
        return frames == len(colours) and all(
            is_like(self.colour(number, at), colour) for number, colour in enumerate(colours)
        )


def is_like(pixel: tuple[int, ...], colour: tuple[int, ...]) -> bool:
    """Say whether a pixel is nearly of a colour; of what one sees through, no colour is asked."""
    if colour == NOTHING:
        return pixel[3] < 20
    return all(abs(one - other) < 40 for one, other in zip(pixel, (*colour, 255)[:4], strict=True))


# Behind the first picture


@pytest.mark.parametrize("held", [1, 6])
@pytest.mark.parametrize("plan", [variants.POST, variants.AVATAR, variants.HEADER, variants.CARD])
def test_a_jpeg_with_pictures_behind_the_first_is_the_first(held, plan):
    content = several("MPO", plain(RED), plain(BLUE), plain(GREEN), exif=orientation(held))
    assert Image.open(io.BytesIO(content)).n_frames == 3
    made = Made(content, plan)
    assert made.kind == "image"
    assert made.still.n_frames == 1
    assert is_like(made.still.convert("RGBA").getpixel((5, 5)), RED)
    if plan is variants.POST:
        assert made.size == ((60, 40) if held == 1 else (40, 60))


def test_a_jpeg_with_a_second_picture_keeps_its_full_size():
    made = Made(several("MPO", image(3000, 2000), plain(BLUE)))
    assert made.names == ["360.webp", "720.webp", "1280.webp", "2508.webp"]


def test_a_gain_map_without_an_index_is_left_behind():
    assert Made(encoded(plain(RED)) + encoded(plain(BLUE))).shows(RED)


@pytest.mark.parametrize("cut", ["before the second", "inside the second"])
def test_a_jpeg_cut_off_behind_the_first_picture_is_whole(cut):
    first = several("MPO", plain(RED), plain(BLUE)).index(b"\xff\xd9") + 2
    content = several("MPO", plain(RED), plain(BLUE))[
        : first + (0 if cut == "before the second" else 300)
    ]
    assert Made(content).shows(RED)


def test_an_avif_sequence_is_a_still_of_its_first_frame():
    content = several("AVIF", plain(RED), plain(BLUE), plain(GREEN))
    assert Image.open(io.BytesIO(content)).n_frames == 3
    made = Made(content)
    assert (made.kind, made.names) == ("image", ["60.webp"])
    assert made.shows(RED)


@pytest.mark.parametrize("kind", ["TIFF", "ICO"])
def test_pages_and_icons_are_not_taken(kind):
    with pytest.raises(ImageRejectedError, match="damaged"):
        Made(encoded(plain(RED, (64, 64)), kind))


# What moves


@pytest.mark.parametrize("kind", MOVING)
def test_three_formats_move(kind):
    made = Made(moving(kind, plain(RED), plain(GREEN), plain(BLUE)))
    assert made.kind == "animated"
    assert made.shows(RED, GREEN, BLUE)
    assert made.names == ["60.webp", "still.webp"]
    assert is_like(made.still.convert("RGBA").getpixel((10, 20)), RED)


@pytest.mark.parametrize("kind", MOVING)
def test_one_frame_is_a_still_in_all_sizes(kind):
    made = Made(moving(kind, image(1500, 900)))
    assert (made.kind, made.size) == ("image", (1500, 900))
    assert made.names == ["360.webp", "720.webp", "1280.webp", "1500.webp"]


def one_webp_frame(picture: Image.Image) -> bytes:
    """Return a WebP that says it moves and has a single frame."""
    content = moving("WEBP", picture, plain(BLUE, picture.size))
    second = content.index(b"ANMF", content.index(b"ANMF") + 4)
    return b"RIFF" + struct.pack("<I", second - 8) + content[8:second]


def test_a_webp_that_moves_by_one_frame_is_a_still_in_full():
    content = one_webp_frame(image(1500, 900))
    assert read_structure(content).frames == 1
    made = Made(content)
    assert (made.kind, made.size) == ("image", (1500, 900))


@pytest.mark.parametrize("frames", [1, 2])
def test_a_default_image_apart_from_the_animation_is_no_frame(frames):
    pictures = [plain(RED), plain(GREEN), plain(BLUE)][: frames + 1]
    content = moving("PNG", *pictures, default_image=True)
    made = Made(content)
    assert made.shows(*[GREEN, BLUE][:frames])
    assert made.kind == ("animated" if frames == 2 else "image")
    assert is_like(made.still.convert("RGBA").getpixel((10, 20)), GREEN)
    assert is_like(Made(content, variants.AVATAR).still.convert("RGBA").getpixel((5, 5)), GREEN)


UPRIGHT = {
    # The size, and where the left half of the picture as stored is to be seen.
    2: ((60, 40), (50, 20)),
    3: ((60, 40), (50, 20)),
    4: ((60, 40), (10, 20)),
    5: ((40, 60), (20, 10)),
    6: ((40, 60), (20, 10)),
    7: ((40, 60), (20, 50)),
    8: ((40, 60), (20, 50)),
}


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
@pytest.mark.parametrize("held", UPRIGHT)
def test_what_moves_is_turned_upright(kind, held):
    size, left = UPRIGHT[held]
    made = Made(moving(kind, halves(RED, GREEN), halves(BLUE, GREEN), exif=orientation(held)))
    assert made.size == made.full.size == made.still.size == size
    assert made.shows(RED, BLUE, at=left)
    assert not made.full.getexif()


def test_an_orientation_behind_the_frames_counts_too():
    content = moving("PNG", halves(RED, GREEN), halves(BLUE, GREEN))
    end = content.rindex(b"IEND") - 4
    turned = content[:end] + chunk(b"eXIf", orientation(6).tobytes()[6:]) + content[end:]
    assert Made(turned).size == (40, 60)


# GIF89a: what becomes of a frame once its time is over.


def disposing(disposal: int) -> bytes:
    """Return a GIF whose second frame is a square on the first one, and whose third is another one beside it."""
    pictures = [plain(RED).quantize(4)]
    content = bytearray(encoded(pictures[0], "GIF")[:-1])
    for colour, left, how in ((BLUE, 0, disposal), (GREEN, 40, 1)):
        square = encoded(plain(colour, (20, 40)).quantize(4), "GIF")
        table = square[13 : 13 + (3 << (square[10] & 7) + 1)]
        begin = square.index(b"\x2c", 13 + len(table))
        descriptor = struct.pack("<BHHHHB", 0x2C, left, 0, 20, 40, 0x80 | (square[10] & 7))
        content += b"\x21\xf9\x04" + struct.pack("<BHBB", how << 2, 10, 0, 0)
        content += descriptor + table + square[begin + 10 : -1]
    return bytes(content) + b"\x3b"


@pytest.mark.parametrize(("disposal", "left_after"), [(0, BLUE), (1, BLUE), (2, NOTHING), (3, RED)])
def test_a_frame_stays_or_gives_way_as_its_gif_says(disposal, left_after):
    made = Made(disposing(disposal))
    assert made.shows(RED, BLUE, left_after, at=(8, 20))
    assert made.shows(RED, RED, GREEN, at=(50, 20))


def test_frames_that_are_all_alike_and_see_through_stay_readable():
    made = Made(moving("WEBP", *[plain((*RED, 128))] * 3))
    assert is_like(made.colour(), (*RED, 128))


def test_where_a_frame_does_not_reach_one_sees_through():
    content = bytearray(encoded(plain(RED, (20, 40)).quantize(4), "GIF"))
    content[6:10] = struct.pack("<HH", *SIZE)
    made = Made(bytes(content))
    assert (made.kind, made.size) == ("image", SIZE)
    assert is_like(made.colour(at=(8, 20)), RED)
    assert made.colour(at=(50, 20))[3] == 0


def test_each_frame_of_a_gif_is_shown_for_its_own_time():
    made = Made(several("GIF", plain(RED), plain(GREEN), plain(BLUE), duration=[30, 200, 500]))
    durations = []
    for number in range(3):
        made.full.seek(number)
        made.full.load()
        durations.append(made.full.info["duration"])
    assert durations == [30, 200, 500]


@pytest.mark.parametrize(
    "options", [{"interlace": 1}, {"transparency": 0}, {"comment": b"x" * 600}]
)
def test_gifs_of_all_kinds(options):
    picture = halves(RED, GREEN).quantize(4)
    made = Made(encoded(picture, "GIF", **options))
    expected = Image.open(io.BytesIO(encoded(picture, "GIF", **options))).convert("RGBA")
    for at in ((8, 20), (50, 20)):
        pixel = expected.getpixel(at)
        assert is_like(made.colour(at=at), pixel) or made.colour(at=at)[3] == pixel[3] == 0


# Cut off


def frame_ends(content: bytes, kind: str) -> list[int]:
    """Return where each frame of a file ends."""
    marker = {"GIF": b"\x21\xf9\x04", "WEBP": b"ANMF", "PNG": b"fcTL"}[kind]
    lead = 4 if kind == "PNG" else 0
    found = [at for at in range(len(content)) if content.startswith(marker, at)]
    return [at - lead for at in found[1:]] + [len(content)]


@pytest.mark.parametrize("kind", MOVING)
@pytest.mark.parametrize("within", [0, 20])
@pytest.mark.parametrize("whole", [1, 2])
def test_what_is_cut_off_moves_as_far_as_it_is_whole(kind, within, whole):
    noise = Image.effect_noise(SIZE, 90).convert("RGB")
    pictures = []
    for colour in (RED, GREEN, BLUE):
        picture = plain(colour)
        picture.paste(noise.crop((30, 0, *SIZE)), (30, 0))
        pictures.append(picture)
    content = moving(kind, *pictures)
    made = Made(content[: frame_ends(content, kind)[whole - 1] + within])
    assert made.kind == ("image" if whole == 1 else "animated")
    assert made.shows(*[RED, GREEN][:whole])


@pytest.mark.parametrize("kind", MOVING)
def test_what_is_cut_off_in_its_first_frame_is_refused(kind):
    noise = Image.effect_noise((90, 90), 90).convert("RGB")
    content = moving(kind, noise, plain(RED, (90, 90)))
    with pytest.raises(ImageRejectedError, match="damaged"):
        Made(content[: frame_ends(content, kind)[0] // 2])


def test_a_webp_cut_off_in_what_it_says_about_itself_is_whole():
    content = encoded(plain(RED), "WEBP", xmp=b"<x:xmpmeta/>" * 30)
    assert Made(content[:-40]).shows(RED)


# What it costs is known before it is paid.


def frames_of_nothing(frames: int, width: int, height: int, kind: str) -> bytes:
    """Return a file of a few bytes a frame, each of which a decoder lays upon the whole of the picture."""
    if kind == "GIF":
        return endless_gif(frames, width, height)
    if kind == "PNG":
        control = struct.pack(">IIIIIHHBB", 0, 1, 1, 0, 0, 1, 10, 0, 0)
        pixel = zlib.compress(b"\x00\x00")
        each = chunk(b"fcTL", control) + chunk(b"fdAT", bytes(4) + pixel)
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        begin = header + chunk(b"acTL", struct.pack(">II", frames, 0)) + chunk(b"IDAT", pixel)
        return b"\x89PNG\r\n\x1a\n" + begin + each * frames + chunk(b"IEND", b"")
    one = encoded(plain(RED, (1, 1)), "WEBP", lossless=True)[12:]
    control = bytes(6) + bytes(6) + (100).to_bytes(3, "little") + b"\x00"
    frame = b"ANMF" + struct.pack("<I", len(control) + len(one)) + control + one
    side = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\x00\x00\x00" + side
    body += b"ANIM" + struct.pack("<I", 6) + bytes(6) + frame * frames
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("kind", MOVING)
@pytest.mark.parametrize(
    ("frames", "side", "words"),
    [
        (20_000, 2000, "400 frames at the most"),
        (400, 2000, "too large to move for so long"),
        (100, 1001, "too large to move for so long"),
        (300, 500, "too long for its size"),
    ],
)
def test_an_animation_that_costs_too_much_is_refused_undecoded(
    kind, frames, side, words, monkeypatch
):
    content = frames_of_nothing(frames, side, side, kind)
    monkeypatch.setattr(Image, "open", pytest.fail)
    begun = time.process_time()
    with pytest.raises(ImageRejectedError, match=words):
        Made(content)
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("kind", MOVING)
def test_the_number_of_frames_is_that_of_the_file(kind):
    assert read_structure(frames_of_nothing(20, 40, 30, kind)).frames == 20
    assert read_structure(frames_of_nothing(5000, 40, 30, kind)).frames == MAX_FRAMES + 1


def test_a_frame_beyond_the_screen_of_a_gif_counts():
    content = bytearray(gif(2))
    content[6:10] = struct.pack("<HH", 1, 1)
    assert (read_structure(bytes(content)).width, read_structure(bytes(content)).height) == (40, 30)
    at = content.rindex(b"\x2c\x00\x00\x00\x00")
    content[at + 5 : at + 9] = struct.pack("<HH", 65_000, 65_000)
    with pytest.raises(ImageRejectedError, match="65000 × 65000"):
        Made(bytes(content))


def test_a_webp_canvas_is_bounded_before_it_is_made(monkeypatch):
    monkeypatch.setattr(Image, "open", pytest.fail)
    with pytest.raises(ImageRejectedError, match="a side can have 16384"):
        Made(frames_of_nothing(2, 2**24, 2**24, "WEBP"))


def test_a_jpeg_in_endless_steps_is_refused():
    content = encoded(image(1000, 1000), progressive=True)
    usual = read_structure(content).scans
    assert 1 < usual < 20
    scan = content[content.rindex(b"\xff\xda") : content.rindex(b"\xff\xd9")]
    endless = content[:-2] + scan * (MAX_SCANNED // 1_000_000) + b"\xff\xd9"
    assert read_structure(endless).scans == usual + 1000
    begun = time.process_time()
    with pytest.raises(ImageRejectedError, match="too many steps"):
        Made(endless)
    assert time.process_time() - begun < 1


def test_scans_of_a_thumbnail_or_a_second_picture_do_not_count():
    thumbnail = encoded(image(40, 30), progressive=True)
    content = jpeg(comment=thumbnail) + encoded(image(), progressive=True)
    assert read_structure(content).scans == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_structure_is_read_from_any_beginning(kind):
    content = (
        moving(kind, *[plain(colour) for colour in (RED, GREEN)])
        if kind in MOVING
        else encoded(image(), kind)
    )
    for end in range(0, len(content), 7):
        assert read_structure(content[:end]).frames <= 2
