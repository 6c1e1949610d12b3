"""What the numbers in a picture file mean where that is not plain: which of them is white, and which transparent."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

_SUBFILE, _BITS, _PHOTOMETRIC, _OFFSETS, _PLANES, _KIND = 254, 258, 262, 273, 284, 339  # numbers of TIFF's tags


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
