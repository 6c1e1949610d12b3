"""From a picture file to what a person would see: upright, in colour, one frame, on paper white.

Most of it is about which number in a file is white, and which is transparent, where that is not plain.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from mrnn_np.data.data_set import Draw
from mrnn_np.errors import UserError
from mrnn_np.vision.picture_files import opened

_STRIP = 2**22  # pixels converted together, so that no more than two whole pictures are in memory

_SUBFILE, _BITS, _PHOTOMETRIC, _OFFSETS, _PLANES, _KIND = 254, 258, 262, 273, 284, 339  # numbers of TIFF's tags


def open_picture(path: str | Path) -> Image.Image:
    """Read a picture file as an RGB picture.

    * It is turned upright as its EXIF orientation says.
    * Of an animation the first frame is taken.
    * Transparent parts become white.
    * Grey, palette and CMYK pictures become RGB; more than 8 bits a channel become 8, as `Samples` says.
    * A profile of its colours is not applied: they are taken to be those of sRGB, and inks to be pure.

    A JPEG of over 4,096 pixels a side is decoded at a fraction of its size, but never to fewer than 2,048 a side.

    Raises UserError, one line that begins with `path`, when the file cannot be opened, is no picture, is cut short or
    damaged, is too large, or does not say what of it is white.
    """
    with opened(path) as file:
        samples = Samples.of(file)
        _turn_upright(file)
        samples.require_light(file)
        if file.mode == "RGB" and "transparency" not in file.info:
            return file.copy()
        picture = Image.new("RGB", file.size)
        for top, strip in _strips(file):
            picture.paste(_on_paper(samples.in_eight_bits(strip)), (0, top))
        return picture


def _turn_upright(picture: Image.Image) -> None:
    """Apply the EXIF orientation; a picture whose EXIF is damaged is taken as it lies."""
    picture.load()
    try:
        ImageOps.exif_transpose(picture, in_place=True)
    except Exception:  # whatever the parser of the metadata tripped over
        return


def _strips(picture: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield the rows of a picture, some at a time, each behind the number of its first row."""
    rows = max(1, _STRIP // picture.width)
    for top in range(0, picture.height, rows):
        yield top, picture.crop((0, top, picture.width, min(top + rows, picture.height)))


def _on_paper(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture)
    return picture.convert("RGB")


@dataclass(frozen=True)
class Samples:
    """How the samples of a picture become 8 bits, from 0, black, to 255, white.

    * Of 16 or 12 bits the upper 8 are taken.  Where all of them lie below a quarter of white, they are those of 10, 12
      or 14 bits in 16, and nobody says how many.
    * Where TIFF says that white is zero, they are turned round.
    * A grey of 16 bits that is transparent is compared in all its bits.

    `wide` is whether a sample has more than 8 bits, `bits` is how many a grey one then has in Pillow's picture, and
    `clear` is the grey among these that is transparent.
    """

    wide: bool = False
    bits: int = 16
    white_is_zero: bool = False
    clear: int | None = None

    @classmethod
    def of(cls, file: ImageFile) -> "Samples":
        """Return what a picture file says of its samples, before its pixels are read.

        Raises ValueError when nobody can know what is white, as with signed, floating point or 32-bit numbers, and when
        Pillow would not read what is there.
        """
        if file.mode == "F":
            raise ValueError("its pixels are floating point numbers, whose white is unknown")
        if isinstance(file, JpegImageFile) and file.mode == "CMYK" and "adobe" not in file.info:
            raise ValueError("it does not say whether its inks are stored turned round, as Adobe does")
        if isinstance(file, TiffImageFile):
            return cls._of_tiff(file)
        how: Any = file.tile[0][3] if file.tile else ""
        wide = file.mode.startswith("I") or ";16" in str(how)
        if file.format == "PPM" and isinstance(how, tuple):  # the raw mode and what is white
            wide = how[1] > 255
        clear = file.info.get("transparency")
        if file.mode == "RGB" and wide and clear is not None:
            raise ValueError("it has a transparent colour of 16 bits, of which Pillow reads only 8")
        if file.mode == "L" and isinstance(clear, int):
            # The file counts in its own 2 or 4 bits, which Pillow has spread to 8.
            file.info["transparency"] = clear * {"L;2": 85, "L;4": 17}.get(how, 1)
        return cls(wide, clear=clear if isinstance(clear, int) else None)

    @classmethod
    def _of_tiff(cls, file: TiffImageFile) -> "Samples":
        tags = file.tag_v2
        bits = max(tags.get(_BITS, (1,)))
        if set(tags.get(_KIND, (1,))) - {1, 4} or bits > 16:
            raise ValueError(f"its samples are signed, floating point or of {bits} bits, whose white is unknown")
        if tags.get(_PLANES) == 2 and (bits > 8 or len(tags.get(_OFFSETS, ())) % len(file.getbands())):
            raise ValueError("its colours lie in separate planes, which Pillow reads only whole and of 8 bits")
        if tags.get(_SUBFILE, 0) & 1:
            raise ValueError("what Pillow reads of it is a small preview")
        return cls(bits > 8, bits, tags.get(_PHOTOMETRIC) == 0)

    def require_light(self, picture: Image.Image) -> None:
        """Raise ValueError when nothing can be seen in a loaded picture, and the file may well mean something else.

        Either its samples use so few of their many bits that white is unknown, or it is a Targa that is transparent all
        over, as are those of programs that leave the fourth byte of a pixel empty.
        """
        if picture.format == "TGA" and "A" in picture.getbands() and not np.asarray(picture.getchannel("A")).any():
            raise ValueError("all of it is transparent")
        if not self.wide:
            return
        if picture.mode.startswith("I"):
            brightest = int(np.asarray(picture).max()) >> (self.bits - 8)
        else:
            colours = (picture.getchannel(band) for band in picture.getbands() if band != "A")
            brightest = max(int(np.asarray(colour).max()) for colour in colours)
        if brightest < 64:
            raise ValueError("its samples of 16 bits are all below a quarter of white, as are those of 12 or 14 bits")

    def in_eight_bits(self, picture: Image.Image) -> Image.Image:
        """Return a loaded picture, or a part of one, with what has more bits a sample made grey of 8."""
        if not picture.mode.startswith("I"):
            return picture
        values = np.asarray(picture)
        greys = (values >> (self.bits - 8)).clip(0, 255).astype(np.uint8)
        if self.white_is_zero:
            greys = 255 - greys
        if self.clear is not None:
            greys[values == self.clear] = 255
        return Image.fromarray(greys)


def picture_of(name: str, folder: Path | None, draw: Draw | None, option: str, folder_option: str) -> Image.Image:
    """Return the picture of an image in a folder or else the data set's own.

    Names come from files that anybody may have written, and reach no file outside of that folder.

    Raises UserError when there is neither; `option` is what the picture is for, `folder_option` names the folder.
    """
    if folder:
        path = PurePath(name)
        if path.is_absolute() or path.drive or ".." in path.parts:
            raise UserError(f"{option}: the image {name!r} is not in the folder {folder}; correct its name")
        return open_picture(folder / path)
    if draw:
        return draw(name)
    raise UserError(f"{option} needs the photographs; name their folder with {folder_option} DIR")
