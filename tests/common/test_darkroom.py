"""Pictures are made anew, upright, without a word about where they come from; hostile ones cost little."""

import io
import time

import pytest
from PIL import Image

from common.images import process_image as image_processor
from common.images import variants
from common.images.formats import detect_format
from common.images.runner import (
    IMAGE_LIMITS,
    TOO_LARGE_MESSAGE,
    ImageProcessingError,
    ProcessedImage,
    process_image,
)
from common.sandbox import ResourceLimitError, ResourceLimits, run_sandboxed
from tests.pictures import (
    encoded,
    endless_gif,
    gif,
    image,
    jpeg,
    png_of_zeros,
    with_secrets,
    with_text,
)

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'></svg>"


def opened(made: ProcessedImage, name: str | None = None) -> Image.Image:
    return Image.open(io.BytesIO(made.files[name or f"{made.widths[-1]}.webp"]))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_each_format_becomes_webp_in_several_sizes(kind):
    made = process_image(encoded(image(1500, 900), kind), variants.POST)
    assert (made.kind, made.width, made.height) == ("image", 1500, 900)
    assert made.widths == [360, 720, 1280, 1500]
    for width in made.widths:
        picture = opened(made, f"{width}.webp")
        assert (picture.format, picture.width) == ("WEBP", width)
        assert abs(picture.height - width * 0.6) <= 1
    assert made.placeholder.startswith("data:image/png;base64,")
    assert len(made.placeholder) < 400


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_each_kind_of_colours(mode):
    made = opened(process_image(encoded(image(90, 60, "L").convert(mode), "PNG"), variants.POST))
    assert made.size == (90, 60)
    assert made.convert("L").getextrema()[1] > 200


def test_sixteen_bits_of_grey_stay_grey():
    made = opened(
        process_image(encoded(Image.new("I;16", (90, 60), 30_000), "PNG"), variants.POST)
    ).convert("L")
    assert abs(made.getpixel((45, 30)) - 117) <= 3


def test_inks_become_light():
    made = opened(
        process_image(encoded(Image.new("CMYK", (90, 60), (0, 255, 255, 0)), "JPEG"), variants.POST)
    ).convert("RGB")
    red, green, blue = made.getpixel((45, 30))
    assert red > 200
    assert max(green, blue) < 80


def test_what_one_sees_through_stays_so():
    made = process_image(encoded(Image.new("RGBA", (90, 60), (255, 0, 0, 0)), "PNG"), variants.POST)
    assert opened(made).convert("RGBA").getpixel((45, 30))[3] == 0
    assert made.placeholder == ""


def test_nothing_is_told_of_place_camera_or_author():
    for content in (with_secrets(), with_text(), jpeg(icc_profile=b"SecretProfile" * 20)):
        assert b"Secret" in content
        made = process_image(content, variants.POST)
        for name, file in made.files.items():
            assert b"Secret" not in file, name
            picture = opened(made, name)
            assert not picture.getexif()
            assert not {"exif", "icc_profile", "xmp"} & picture.info.keys()


def test_a_picture_that_lies_on_its_side_is_turned():
    made = process_image(with_secrets(), variants.POST)
    assert (made.width, made.height) == (200, 300)


def test_a_small_picture_stays_as_small():
    assert process_image(jpeg(30, 20), variants.POST).widths == [30]


def test_a_large_picture_becomes_smaller_and_a_tall_one_stays_legible():
    made = process_image(jpeg(6000, 4000), variants.POST)
    assert made.width * made.height <= variants.POST.area
    assert process_image(jpeg(600, 9000), variants.POST).width > 500


def test_a_portrait_is_cut_square_and_has_all_its_names():
    for width, height in ((900, 300), (50, 400), (1, 1)):
        made = process_image(jpeg(width, height), variants.AVATAR)
        assert set(made.files) == {"96.webp", "400.webp"}
        assert all(opened(made, name).width == opened(made, name).height for name in made.files)


def test_what_moves_goes_on_moving_and_has_a_still():
    made = process_image(gif(10, duration=70), variants.POST)
    assert (made.kind, made.widths) == ("animated", [40])
    moving = opened(made)
    assert moving.n_frames == 10
    moving.load()
    assert moving.info["duration"] == 70
    assert opened(made, "still.webp").n_frames == 1


def test_what_moves_stands_still_where_it_is_no_post():
    assert process_image(gif(10), variants.AVATAR).kind == "image"


def test_the_first_bytes_tell_the_format():
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "AVIF"):
        assert detect_format(encoded(image(), kind)[:32]) == kind
    for content in (
        b"",
        SVG,
        b"<!DOCTYPE html>",
        b"%PDF-1.7",
        b"BM" + bytes(30),
        b"II*\x00" + bytes(28),
        b"MZ" * 16,
    ):
        assert detect_format(content[:32]) is None


# Hostile ones: each is refused with words that tell why, and costs little.


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (png_of_zeros(60_000, 60_000), "The picture is 60000 × 60000 pixels"),
        (png_of_zeros(16_000, 16_000), "it can have 64 million at the most"),
        (encoded(Image.new("1", (16_500, 4)), "PNG"), "a side can have 16384"),
        (jpeg(900, 900)[:2000], "damaged"),
        (encoded(image(), "PNG")[:-500], "damaged"),
        (b"\xff\xd8\xff" + b"\x00" * 500, "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 500, "damaged"),
        (b"GIF89a" + SVG, "damaged"),
        (SVG, "damaged"),
        (b"", "damaged"),
        (endless_gif(10_000), "400 frames at the most"),
        (endless_gif(200, 2000, 1500), "too large to move for so long"),
    ],
    ids=[
        *(
            "bomb",
            "many pixels",
            "long side",
            "cut JPEG",
            "cut PNG",
            "no JPEG",
            "no PNG",
            "polyglot",
            "SVG",
            "nothing",
        ),
        *("ten thousand frames", "large frames"),
    ],
)
def test_hostile_pictures(content, words):
    begun = time.monotonic()
    with pytest.raises(ImageProcessingError, match=words):
        process_image(content, variants.POST)
    assert time.monotonic() - begun < 30


def test_other_formats_of_pillow_are_not_read():
    for kind in ("BMP", "TIFF", "ICO", "PPM", "TGA", "PCX"):
        with pytest.raises(ImageProcessingError, match="damaged"):
            process_image(encoded(image(64, 64), kind), variants.POST)


def test_a_polyglot_loses_what_it_was_besides():
    made = process_image(jpeg() + b"PK\x03\x04<script>alert(1)</script>", variants.POST)
    assert all(b"script" not in file and b"PK\x03\x04" not in file for file in made.files.values())


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(
        "common.images.runner.IMAGE_LIMITS",
        ResourceLimits(memory=300 * 2**20, cpu_seconds=20, seconds=40),
    )
    with pytest.raises(ImageProcessingError, match="memory"):
        process_image(png_of_zeros(7900, 8000), variants.POST)


def test_time_is_bounded(monkeypatch):
    monkeypatch.setattr(
        "common.images.runner.IMAGE_LIMITS",
        ResourceLimits(memory=IMAGE_LIMITS.memory, cpu_seconds=1, seconds=40),
    )
    with pytest.raises(ImageProcessingError, match=TOO_LARGE_MESSAGE[:20]):
        process_image(png_of_zeros(7900, 8000), variants.POST)
    monkeypatch.setattr(
        "common.images.runner.IMAGE_LIMITS",
        ResourceLimits(memory=IMAGE_LIMITS.memory, cpu_seconds=20, seconds=0),
    )
    with pytest.raises(ImageProcessingError, match=TOO_LARGE_MESSAGE[:20]):
        process_image(jpeg(), variants.POST)


def test_a_child_sees_nothing_of_ours_and_writes_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hidden")
    (tmp_path / "spy.py").write_text(
        "import os, sys\nfrom common.sandbox import apply_resource_limits\napply_resource_limits(sys.argv[1:])\n"
        f"try:\n    with open({str(tmp_path / 'out')!r}, 'w') as out: out.write('x')\n    wrote = True\n"
        "except OSError:\n    wrote = False\n"
        "print(wrote, 'SECRET_KEY' in os.environ)"
    )
    monkeypatch.setattr("common.sandbox.BASE", tmp_path)
    (tmp_path / "common").symlink_to(image_processor.__file__.rsplit("/", 2)[0])
    assert run_sandboxed("spy", b"", ResourceLimits(2**30, 5, 20)) == b"False False\n"
    with pytest.raises(ResourceLimitError):
        run_sandboxed("nothing_of_that_name", b"", ResourceLimits(2**30, 5, 20))
