"""Samples of more than 8 bits, or turned round, become the grey a person would see, or are refused in one line."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from mrnn_np.errors import UserError
from mrnn_np.vision import pictures
from mrnn_np.vision.pictures import open_picture


def tiff(values, bits, photometric=1, kind=1, order="<", planes=1, **tags):
    """A TIFF of one row of pixels, written tag by tag; `values` are the samples' bytes."""
    samples = {1: 1, 0: 1, 2: 3}[photometric]
    width = len(values) * 8 // bits // samples
    shorts = {256: width, 257: 1, 258: bits, 259: 1, 262: photometric, 277: samples, 278: 1, 284: planes, 339: kind}
    shorts |= {int(tag.removeprefix("tag")): value for tag, value in tags.items()}
    start = 8 + 2 + 12 * (len(shorts) + 2) + 4
    entries = [(tag, 3, 1, struct.pack(order + "Hxx", value)) for tag, value in shorts.items()]
    extra = b""
    if samples == 3:
        extra = struct.pack(order + "6H", *[bits] * 3, *[kind] * 3)
        entries = [
            (tag, 3, 3, struct.pack(order + "I", start + 6 * (tag == 339))) if tag in (258, 339) else (tag, *rest)
            for tag, *rest in entries
        ]
    entries += [
        (273, 4, 1, struct.pack(order + "I", start + len(extra))),
        (279, 4, 1, struct.pack(order + "I", len(values))),
    ]
    directory = b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3] for entry in sorted(entries))
    mark = b"II*\0" if order == "<" else b"MM\0*"
    head = mark + struct.pack(order + "IH", 8, len(entries)) + directory + bytes(4)
    return head + extra + values


def png(depth, colour, rows, transparent=b""):
    """A PNG of one row: `rows` are its bytes."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    width = len(rows) * 8 // depth // {0: 1, 2: 3, 6: 4}[colour]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 1, depth, colour, 0, 0, 0))
    clear = chunk(b"tRNS", transparent) if transparent else b""
    return b"\x89PNG\r\n\x1a\n" + header + clear + chunk(b"IDAT", zlib.compress(b"\0" + rows)) + chunk(b"IEND", b"")


def words(order, *values):
    return np.array(values).astype(order + "u2").tobytes()


def pgm(white, *values):
    return f"P5 {len(values)} 1 {white}\n".encode() + words(">", *values)


def jpeg2000(*values):
    file = io.BytesIO()
    Image.fromarray(np.array([values], np.uint16)).save(file, "JPEG2000")
    return file.getvalue()


RAMP = (0, 25_700, 40_000, 65_535)
GREYS = [0, 100, 156, 255]


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        (tiff(words("<", *RAMP), 16), GREYS),
        (tiff(words(">", *RAMP), 16, order=">"), GREYS),
        (tiff(words("<", *RAMP), 16, photometric=0), [255, 155, 99, 0]),
        (tiff(bytes(GREYS), 8, photometric=0), [255, 155, 99, 0]),
        (tiff(bytes([0b00011011]), 2, photometric=0), [255, 170, 85, 0]),
        (tiff(bytes([0b10100000]), 1, photometric=0), [0, 255, 0, 255, 255, 255, 255, 255]),
        (tiff(bytes.fromhex("000645 9ccfff"), 12), [0, 100, 156, 255]),
        (png(16, 0, words(">", *RAMP)), GREYS),
        (png(16, 0, words(">", *RAMP), words(">", 25_700)), [0, 255, 156, 255]),
        (png(16, 0, words(">", *RAMP), words(">", 25_701)), GREYS),
        (png(2, 0, bytes([0b00011011]), words(">", 1)), [0, 255, 170, 255]),
        (png(4, 0, bytes([0x0F, 0x37]), words(">", 3)), [0, 255, 255, 119]),
        (png(8, 0, bytes(GREYS), words(">", 100)), [0, 255, 156, 255]),
        (png(1, 0, bytes([0b10100000]), words(">", 0)), [255] * 8),
        (pgm(65_535, *RAMP), GREYS),
        (pgm(4095, 0, 2048, 4095), [0, 128, 255]),
        (jpeg2000(*RAMP), GREYS),
    ],
    ids="TIFF|big-endian TIFF|white is zero, 16|white is zero, 8|white is zero, 2|white is zero, 1|12 bits|PNG|"
    "PNG, one clear|PNG, none clear|clear of 2 bits|clear of 4|clear of 8|clear of 1|PGM|PGM to 4095|JPEG 2000".split(
        "|"
    ),
)
def test_greys(contents, expected, tmp_path):
    (tmp_path / "x").write_bytes(contents)
    picture = open_picture(tmp_path / "x")
    assert np.asarray(picture)[0].tolist() == [[grey] * 3 for grey in expected]


@pytest.mark.parametrize("order", "<>")
def test_colours_of_sixteen_bits(order, tmp_path):
    (tmp_path / "x").write_bytes(tiff(words(order, *RAMP[1:]), 16, photometric=2, order=order))
    assert open_picture(tmp_path / "x").getpixel((0, 0)) == tuple(GREYS[1:])


def test_a_colour_that_is_transparent(tmp_path):
    (tmp_path / "x").write_bytes(png(8, 2, bytes((10, 20, 30, 40, 50, 60)), words(">", 10, 20, 30)))
    assert np.asarray(open_picture(tmp_path / "x"))[0].tolist() == [[255, 255, 255], [40, 50, 60]]


def test_a_picture_is_put_together_from_its_strips(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "_STRIP", 8)
    greys = np.arange(28, dtype=np.uint8).reshape(7, 4)
    Image.fromarray(greys).save(tmp_path / "x.png")
    assert np.array_equal(np.asarray(open_picture(tmp_path / "x.png")), np.repeat(greys[..., None], 3, 2))


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        (tiff(np.array([0, 30_000], "<i2").tobytes(), 16, kind=2), "are signed, floating point or of 16 bits"),
        (tiff(np.array([0, 100], "i1").tobytes(), 8, kind=2), "are signed, floating point or of 8 bits"),
        (tiff(np.array([0, 40_000], "<i4").tobytes(), 32, kind=2), "whose white is unknown"),
        (tiff(np.array([0, 40_000], "<u4").tobytes(), 32), "whose white is unknown"),
        (tiff(np.array([0, 1], "<f4").tobytes(), 32, kind=3), "floating point"),
        (b"Pf 2 1 -1\n" + np.array([0, 1], "<f4").tobytes(), "floating point"),
        (tiff(bytes(8), 10), "is not a picture of any format known here"),
        (tiff(bytes(7), 14), "is not a picture of any format known here"),
        (tiff(words("<", 0, 2000, 4095), 16), "all below a quarter of white, as are those of 12 or 14 bits"),
        (tiff(words("<", 0, 2000, 16_383), 16, photometric=0), "all below a quarter of white"),
        (tiff(words(">", 0, 2000, 4095), 16, photometric=2, order=">"), "all below a quarter of white"),
        (png(16, 0, words(">", 0, 2000, 4095)), "all below a quarter of white"),
        (png(16, 2, words(">", 0, 2000, 4095)), "all below a quarter of white"),
        (png(16, 6, words(">", 0, 2000, 4095, 65_535)), "all below a quarter of white"),
        (pgm(65_535, 0, 2000, 4095), "all below a quarter of white"),
        (b"P6 1 1 65535\n" + words(">", 0, 2000, 4095), "all below a quarter of white"),
        (jpeg2000(0, 2000, 4095), "all below a quarter of white"),
        (png(16, 2, words(">", *RAMP[1:]), words(">", *RAMP[1:])), "a transparent colour of 16 bits"),
        (tiff(words("<", *RAMP[1:]), 16, photometric=2, planes=2), "its colours lie in separate planes"),
        (tiff(bytes(GREYS[1:]), 8, photometric=2, planes=2), "its colours lie in separate planes"),
        (tiff(bytes(GREYS), 8, tag254=1), "is a small preview"),
    ],
    ids="signed 16|signed 8|signed 32|32|float|PFM|10|14|12 in 16|14 in 16, white is zero|12 in 16, colours|PNG|"
    "PNG, colours|PNG, opaque|PGM|PPM|JPEG 2000|clear colour|planes of 16|a lost plane|preview".split("|"),
)
def test_what_nobody_can_know_is_refused(contents, reason, tmp_path):
    (tmp_path / "x").write_bytes(contents)
    with pytest.raises(UserError) as refusal:
        open_picture(tmp_path / "x")
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_inks_that_may_be_turned_round(tmp_path):
    file = io.BytesIO()
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(file, "JPEG")
    marked = file.getvalue()
    at = marked.index(b"\xff\xee")
    length = 2 + int.from_bytes(marked[at + 2 : at + 4], "big")
    (tmp_path / "x.jpg").write_bytes(marked[:at] + marked[at + length :])
    with pytest.raises(UserError, match="does not say whether its inks are stored turned round"):
        open_picture(tmp_path / "x.jpg")


def test_planes_of_eight_bits(tmp_path):
    """Rows of red, of green and of blue, each at a place of its own."""
    entries = ((256, 4, 2), (257, 4, 1), (259, 3, 1), (262, 3, 2), (277, 3, 3), (278, 4, 1), (284, 3, 2))
    lists = ((258, 3, (8, 8, 8)), (273, 4, (200, 202, 204)), (279, 4, (2, 2, 2)))
    places = {258: 140, 273: 150, 279: 170}
    directory = [struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries]
    directory += [struct.pack("<HHII", tag, kind, 3, places[tag]) for tag, kind, _ in lists]
    contents = bytearray(b"II*\0" + struct.pack("<IH", 8, 10) + b"".join(sorted(directory))).ljust(206, b"\0")
    for tag, kind, values in lists:
        struct.pack_into("<3H" if kind == 3 else "<3I", contents, places[tag], *values)
    contents[200:206] = bytes((1, 2, 30, 40, 250, 251))
    (tmp_path / "x.tif").write_bytes(contents)
    assert np.asarray(open_picture(tmp_path / "x.tif")).tolist() == [[[1, 30, 250], [2, 40, 251]]]


def test_a_targa_whose_fourth_byte_is_empty(tmp_path):
    Image.new("RGBA", (4, 3), (250, 120, 10, 0)).save(tmp_path / "x.tga")
    with pytest.raises(UserError, match="all of it is transparent"):
        open_picture(tmp_path / "x.tga")
    Image.new("RGBA", (4, 3), (250, 120, 10, 255)).save(tmp_path / "x.tga")
    assert open_picture(tmp_path / "x.tga").getpixel((0, 0)) == (250, 120, 10)
