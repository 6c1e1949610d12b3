"""Opening and preprocessing pictures: what a person would see, or one line that says why not."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from mrnn_np.errors import UserError
from mrnn_np.vision.pictures import MOST_PIXELS, open_picture
from mrnn_np.vision.preprocessing import Preprocessing

ORANGE = (250, 120, 10)


def colour(path):
    """The colour of the upper left pixel, as a CNN would see it."""
    picture = open_picture(path)
    assert picture.mode == "RGB"
    return picture.getpixel((0, 0))


def refused(path):
    with pytest.raises(UserError) as caught:
        open_picture(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("suffix", ["png", "bmp", "webp", "tiff", "ppm", "gif"])
def test_formats(suffix, tmp_path):
    path = tmp_path / f"x.{suffix}"
    Image.new("RGB", (4, 3), ORANGE).save(path, lossless=True)
    assert colour(path) == ORANGE
    assert open_picture(path).size == (4, 3)


def palette_picture(**options):
    picture = Image.new("P", (4, 3), 1)
    picture.putpalette([0, 0, 0, *ORANGE])
    picture.info.update(options)
    return picture


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (Image.new("L", (4, 3), 99), (99, 99, 99)),
        (Image.new("1", (4, 3), 1), (255, 255, 255)),
        (palette_picture(), ORANGE),
        (palette_picture(transparency=1), (255, 255, 255)),
        (Image.new("LA", (4, 3), (99, 0)), (255, 255, 255)),
        (Image.new("RGBA", (4, 3), (*ORANGE, 255)), ORANGE),
        (Image.new("RGBA", (4, 3), (0, 0, 0, 0)), (255, 255, 255)),
        (Image.new("RGBA", (4, 3), (0, 0, 0, 128)), (127, 127, 127)),
        (Image.fromarray(np.full((3, 4), 40_000, np.uint16)), (156, 156, 156)),
        (Image.fromarray(np.full((3, 4), 65_535, np.uint16)), (255, 255, 255)),
    ],
    ids="grey|black and white|palette|clear palette|clear grey|opaque|clear|half clear|16 bits|16 bits white".split(
        "|"
    ),
)
def test_modes(picture, expected, tmp_path):
    picture.save(tmp_path / "x.png")
    assert colour(tmp_path / "x.png") == expected


def test_cmyk(tmp_path):
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "x.jpg")
    red, green, blue = colour(tmp_path / "x.jpg")
    assert red > 250
    assert green < 5
    assert blue < 5


def test_sixteen_and_thirty_two_bit_tiff(tmp_path):
    for dtype in (np.uint16, np.int32):
        Image.fromarray(np.full((3, 4), 40_000, dtype)).save(tmp_path / "x.tif")
        assert colour(tmp_path / "x.tif") == (156, 156, 156)


def test_floating_point_tiff_is_refused(tmp_path):
    Image.fromarray(np.ones((3, 4), np.float32)).save(tmp_path / "x.tif")
    assert "floating point" in refused(tmp_path / "x.tif")


def test_of_an_animation_the_first_frame(tmp_path):
    frames = [Image.new("RGB", (4, 4), c) for c in ("red", "blue")]
    frames[0].save(tmp_path / "x.gif", save_all=True, append_images=frames[1:])
    assert colour(tmp_path / "x.gif") == (255, 0, 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation, tmp_path):
    picture = Image.new("RGB", (16, 8), "white")
    picture.paste((0, 0, 0), (0, 0, 8, 4))  # the upper left quarter is black
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(tmp_path / "x.png", exif=exif)
    upright = open_picture(tmp_path / "x.png")
    width, height = upright.size
    assert (width, height) == ((16, 8) if orientation < 5 else (8, 16))
    corners = {"upper left": (0, 0), "upper right": (width - 1, 0), "lower left": (0, height - 1)}
    corners["lower right"] = (width - 1, height - 1)
    # Where the file's first pixel lies when a person sees the picture, by the standard's numbers.
    black = ["upper left", "upper right", "lower right", "lower left", "upper left", "upper right", "lower right",
             "lower left"][orientation - 1]  # fmt: skip
    assert [name for name, at in corners.items() if upright.getpixel(at) == (0, 0, 0)] == [black]


def test_damaged_exif_is_no_reason_to_refuse(tmp_path):
    Image.new("RGB", (16, 8), "red").save(tmp_path / "x.jpg", exif=b"Exif\0\0MM\0*\0\0\0\xffgarbage")
    assert open_picture(tmp_path / "x.jpg").size == (16, 8)


def encoded(format, size=(64, 64)):
    file = io.BytesIO()
    Image.effect_noise(size, 50).convert("RGB").save(file, format)
    return file.getvalue()


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        (b"", "is not a picture"),
        (b"hello", "is not a picture"),
        (encoded("JPEG")[:700], "cannot be read as a picture (image file is truncated"),
        (encoded("PNG")[:700], "cannot be read as a picture"),
        (encoded("PNG")[:30], "is not a picture"),
        (encoded("PNG")[:300] + b"????" + encoded("PNG")[304:], "cannot be read as a picture"),
    ],
    ids=["empty", "text", "short JPEG", "short PNG", "PNG header", "damaged PNG"],
)
def test_what_cannot_be_decoded_is_refused(contents, reason, tmp_path):
    path = tmp_path / "x.jpg"
    path.write_bytes(contents)
    assert reason in refused(path)


def test_what_is_not_there_is_refused(tmp_path):
    assert "no such file" in refused(tmp_path / "x.jpg")
    assert "cannot be read" in refused(tmp_path)


def png_that_claims(width, height):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [10_001, 13_000, 60_000])
def test_decompression_bombs_are_refused_before_they_go_off(side, tmp_path):
    (tmp_path / "x.png").write_bytes(png_that_claims(side, side))
    assert f"make it smaller than {MOST_PIXELS:,}" in refused(tmp_path / "x.png")


def test_a_large_jpeg_is_decoded_at_a_fraction_of_its_size(tmp_path):
    Image.new("L", (4_400, 4_200), 200).save(tmp_path / "x.jpg")
    assert open_picture(tmp_path / "x.jpg").size == (2_200, 2_100)


# --- Preprocessing ----------------------------------------------------------------------------------------------------

WHOLE = Preprocessing("whole", 8, (127.0,) * 3, (128.0,) * 3)
CENTRE = Preprocessing("centre", 224, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), shorter=256)


def test_colours_are_centred_and_scaled():
    array = Preprocessing("whole", 1, (10.0, 20.0, 30.0), (2.0, 4.0, 5.0))(Image.new("RGB", (1, 1), (20, 20, 20)))
    assert array.dtype == np.float32
    assert array.tolist() == [[[5, 0, -2]]]


def test_a_picture_of_the_right_size_is_left_as_it_is():
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    assert np.array_equal(WHOLE(Image.fromarray(pixels)), (pixels.astype(np.float32) - 127) / 128)


@pytest.mark.parametrize("size", [(1, 1), (1, 999), (999, 1), (8, 9), (3000, 20)])
@pytest.mark.parametrize("preprocess", [WHOLE, CENTRE], ids=["whole", "centre"])
def test_any_size_and_shape(preprocess, size):
    assert preprocess(Image.new("RGB", size)).shape == (preprocess.size, preprocess.size, 3)


@pytest.mark.parametrize("size", [(500, 375), (333, 500), (256, 256), (301, 700), (100, 50)])
def test_the_centre_is_that_of_torchvision(size):
    """Resize(256), CenterCrop(224), as its documentation gives them."""
    picture = Image.effect_noise(size, 80).convert("RGB")
    width, height = size
    if width < height:
        width, height = 256, int(256 * height / width)
    else:
        width, height = int(256 * width / height), 256
    left, top = round((width - 224) / 2.0), round((height - 224) / 2.0)
    expected = picture.resize((width, height), Image.Resampling.BILINEAR).crop((left, top, left + 224, top + 224))
    assert np.array_equal(CENTRE(picture), np.asarray(expected, np.float32))


def test_of_a_strip_the_middle_counts():
    strip = Image.new("RGB", (3000, 20), "white")
    strip.paste((0, 0, 0), (1490, 0, 1510, 20))
    array = CENTRE(strip)
    assert array[:, 60:164].max() == 0
    strip.paste((0, 0, 0), (0, 0, 1400, 20))
    assert np.array_equal(CENTRE(strip), array)


def test_settings_in_words():
    assert WHOLE.describe() == {
        "fit": "whole picture to 8 x 8, bilinear",
        "colours": "RGB 0..255, minus 127, divided by 128",
    }
    centre = Preprocessing("centre", 224, (1.5, 2.0, 3.0), (4.0, 5.0, 6.0), shorter=256)
    assert centre.describe() == {
        "fit": "shorter side to 256, bilinear, 224 x 224 from the centre",
        "colours": "RGB 0..255, minus (1.5, 2, 3), divided by (4, 5, 6)",
    }
