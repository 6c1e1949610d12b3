"""Opening and preprocessing pictures: what a person would see, or one line that says why not."""

import io
import os
import struct
import subprocess
import zlib

import numpy as np
import pytest
from PIL import Image

from mrnn_np.errors import UserError
from mrnn_np.vision import picture_files
from mrnn_np.vision.cnn import DESIGNS
from mrnn_np.vision.picture_files import MOST_PIXELS
from mrnn_np.vision.pictures import open_picture
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


def test_of_an_animation_the_first_frame(tmp_path):
    frames = [Image.new("RGB", (4, 4), c) for c in ("red", "blue")]
    frames[0].save(tmp_path / "x.gif", save_all=True, append_images=frames[1:])
    assert colour(tmp_path / "x.gif") == (255, 0, 0)


@pytest.mark.parametrize("kind", ["png", "tif"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation, mode, kind, tmp_path):
    picture = Image.new(mode, (16, 8), "white")
    picture.paste("black", (0, 0, 8, 4))  # the upper left quarter is black
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(tmp_path / f"x.{kind}", exif=exif)
    upright = open_picture(tmp_path / f"x.{kind}")
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


def encoded(format, size=(64, 64), mode="RGB", **options):
    file = io.BytesIO()
    picture = Image.effect_noise(size, 50) if mode == "RGB" else Image.new("L", size)
    picture.convert(mode).save(file, format, **options)
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


def test_no_program_is_started(tmp_path, monkeypatch):
    """Pillow has Ghostscript draw an EPS, whatever the file is called."""
    started = []
    monkeypatch.setattr(subprocess, "Popen", lambda *arguments, **options: started.append(arguments))
    file = io.BytesIO()
    Image.new("L", (8, 8)).save(file, "EPS")
    (tmp_path / "x.jpg").write_bytes(file.getvalue())
    assert "is not a picture of any format known here" in refused(tmp_path / "x.jpg")
    assert not started


def test_heic_is_told_by_its_name(tmp_path):
    (tmp_path / "x.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64))
    assert "is a HEIC picture, which Pillow does not read; save it as JPEG" in refused(tmp_path / "x.heic")


def test_a_targa_is_one_by_its_name_alone(tmp_path):
    for name in ("x.tga", "x.jpg"):
        Image.new("RGB", (4, 3), ORANGE).save(tmp_path / name, "TGA")
    assert colour(tmp_path / "x.tga") == ORANGE
    assert "is not a picture" in refused(tmp_path / "x.jpg")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.jpg")
    assert "it is a pipe or a device" in refused(tmp_path / "x.jpg")


def png_that_claims(width, height):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [10_001, 13_000, 60_000])
def test_decompression_bombs_are_refused_before_they_go_off(side, tmp_path):
    (tmp_path / "x.png").write_bytes(png_that_claims(side, side))
    assert f"make it smaller than {MOST_PIXELS:,}" in refused(tmp_path / "x.png")


@pytest.mark.parametrize("size", [(1, 90_000_000), (90_000_000, 1)])
def test_a_side_may_not_be_endless(size, tmp_path):
    (tmp_path / "x.png").write_bytes(png_that_claims(*size))
    assert "make it smaller than 65,535 a side" in refused(tmp_path / "x.png")


def test_pixels_are_not_counted_as_what_stands_beside_them(tmp_path):
    Image.new("RGB", (2_400, 2_400)).save(tmp_path / "x.bmp")
    assert (tmp_path / "x.bmp").stat().st_size > picture_files._MOST_HEADER
    assert open_picture(tmp_path / "x.bmp").size == (2_400, 2_400)


def jpeg_that_claims(width, height, **options):
    """A JPEG of 16 x 16 pixels that says it is of so many."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16)).save(file, "JPEG", **options)
    at = file.getvalue().index(b"\xff\xc2" if options else b"\xff\xc0")
    return file.getvalue()[: at + 5] + struct.pack(">HH", height, width) + file.getvalue()[at + 9 :]


SCAN = bytes.fromhex("ffda 000c 03 0100 0211 0311 003f00")
"""The header of a JPEG's only scan, of all three colours."""


@pytest.mark.parametrize(
    ("contents", "most"),
    [
        (encoded("TIFF", (9_000, 9_000), "1", compression="group4"), "66,666,666 pixels"),
        (b"P3 2000 1001 255\n0 0 0", "2,000,000 pixels"),
        (jpeg_that_claims(16_000, 11_000, progressive=True), "pixels"),
        (jpeg_that_claims(60_000, 2_000), "100,000,000 pixels"),
        (jpeg_that_claims(13_000, 13_000).replace(SCAN, b"\xff\xda\0\x08\1\1\0\0\x3f\0"), "pixels"),
    ],
    ids=["TIFF", "numbers as text", "progressive JPEG", "wide JPEG", "a scan for each colour"],
)
def test_what_a_decoder_needs_is_bounded(contents, most, tmp_path):
    (tmp_path / "x").write_bytes(contents)
    message = refused(tmp_path / "x")
    assert "make it smaller than" in message
    assert message.endswith(most)


@pytest.mark.parametrize(
    "contents",
    [
        encoded("JPEG")[:2] + (b"\xff\xe1\xff\xfdExif\0\0" + bytes(65_525)) * 300 + encoded("JPEG")[2:],
        encoded("JPEG")[:2] + b"\xff" * 2_000 + encoded("JPEG")[2:],
        b"GIF89a\1\0\1\0\0\0\0" + b"\x21\xf9\4\0\0\0\0\0" * 400,
        b"P6\n" + b"#" * 2_000,
    ],
    ids=["EXIF", "fill bytes", "GIF's extensions", "a comment"],
)
def test_what_does_not_end_is_not_read_to_its_end(contents, tmp_path, monkeypatch):
    monkeypatch.setattr(picture_files, "_MOST_READS", 1_000)
    (tmp_path / "x").write_bytes(contents)
    assert "it holds too much beside its pixels" in refused(tmp_path / "x")


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


def test_imagenets_colours_and_those_of_efficientnet_lite():
    # torchvision's, of colours from 0 to 1, red first.
    mean, deviation = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    for name in ("alexnet", "vgg16", "vgg19"):
        preprocessing = DESIGNS[name].preprocessing
        assert preprocessing.mean == pytest.approx([255 * colour for colour in mean])
        assert preprocessing.deviation == pytest.approx([255 * colour for colour in deviation])
        assert (preprocessing.fit, preprocessing.shorter, preprocessing.size) == ("centre", 256, 224)
    for name in ("efficientnet-lite0", "efficientnet-lite2"):
        assert DESIGNS[name].preprocessing == Preprocessing("whole", 224, (127,) * 3, (128,) * 3)
    red = DESIGNS["vgg16"].preprocessing(Image.new("RGB", (224, 224), (255, 0, 0)))[0, 0]
    assert red == pytest.approx([(1 - 0.485) / 0.229, -0.456 / 0.224, -0.406 / 0.225], rel=1e-5)
