"""Which files are pictures, and opening one so that it can start no program, wait for nobody and fill no memory."""

import contextlib
import os
import warnings
from collections.abc import Iterator
from io import BufferedReader, RawIOBase
from pathlib import Path

from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from mrnn_np.errors import UserError
from mrnn_np.files import open_file

FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
"""Pillow's names of what is read; others start a program, as EPS does Ghostscript, or follow to other files."""

SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .gif .bmp .webp .tif .tiff .ppm .pgm .pbm .avif .jp2 .j2k .jpx .tga".split()
)
"""What a picture file is called; what is called otherwise is one if its content says so."""

MOST_MEMORY = 800_000_000
"""Bytes that a picture may take while it is read: a small file can claim to be a picture of any size."""

MOST_PIXELS = MOST_MEMORY // 8
"""More are refused; of formats whose decoders take more memory, fewer."""

MOST_A_SIDE = 65_535
"""Pixels, as in a JPEG: Pillow keeps an account of every row."""

# Bytes a pixel at the peak, decoding and conversion to RGB together.
_NEEDS = {"AVIF": 18, "JPEG2000": 25, "TIFF": 12, "WEBP": 18}
_PLAIN_TEXT_NEEDS = 400  # no memory but time: Pillow reads numbers written as text one by one

_MOST_READS, _MOST_HEADER = 1_000_000, 2**24


class _Meter(BufferedReader):
    """A file that is not read on for ever: some formats have parts that may be small and as many as one likes."""

    def __init__(self, file: RawIOBase) -> None:
        super().__init__(file)
        self._reads, self._bytes = 0, 0
        self.header_is_read = False

    def read(self, size: int | None = -1) -> bytes:
        self._reads += 1
        self._bytes += size or 0
        if self._reads > _MOST_READS or (self._bytes > _MOST_HEADER and not self.header_is_read):
            raise ValueError("it holds too much beside its pixels")
        return super().read(size)


class UnknownFormat(UserError):
    """The file is no picture, or one of a format that is not read here."""


def is_picture(path: str | Path) -> bool:
    """Whether a file is a picture by its content, or one of which only `opened` can say what is wrong with it."""
    try:
        with opened(path):
            return True
    except UnknownFormat:
        return False
    except UserError:
        return True


@contextlib.contextmanager
def opened(path: str | Path) -> Iterator[ImageFile]:
    """Give a picture file whose pixels are not read yet; what goes wrong while it is open becomes a UserError.

    A JPEG of over 4,096 pixels a side will be decoded at a fraction of its size, but never to fewer than 2,048 a side.

    Raises UserError, one line that begins with `path`, when the file cannot be opened, is no picture (then it is an
    UnknownFormat), is cut short or damaged, or is so large that its pixels would take over `MOST_MEMORY`.
    """
    if not os.path.lexists(path):
        raise UserError(f"{path}: no such file; check the name")
    try:
        with _Meter(open_file(path).detach()) as meter, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata and sizes; the size is checked below
            with Image.open(meter, formats=_formats(path)) as file:
                meter.header_is_read = True
                _require_memory(path, file)
                yield file
    except UserError:
        raise
    except UnidentifiedImageError:
        raise UnknownFormat(f"{path}: {_unknown(path)}; save it as JPEG or PNG") from None
    except Image.DecompressionBombError:
        raise UserError(f"{path}: is a picture of too many pixels; make it smaller than {MOST_PIXELS:,}") from None
    except Exception as error:  # each of Pillow's formats fails in ways of its own
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"{path}: cannot be read as a picture ({reason}); save it again as JPEG or PNG") from None


def _formats(path: str | Path) -> list[str]:
    Image.init()  # Pillow has to know its formats before one can ask which of them there are
    targa = ("TGA",) if Path(path).suffix.lower() == ".tga" else ()  # nothing in the file itself says that it is one
    return [name for name in (*FORMATS, *targa) if name in Image.OPEN]


def _unknown(path: str | Path) -> str:
    with open_file(path) as file:
        start = file.read(12)
    if start[4:8] == b"ftyp" and start[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"):
        return "is a HEIC picture, which Pillow does not read"
    return "is not a picture of any format known here"


def _require_memory(path: str | Path, file: ImageFile) -> None:
    """Raise UserError when the pixels of a picture would take too much; let a large JPEG be decoded smaller."""
    pixels, size = file.width * file.height, f"is a picture of {file.width:,} x {file.height:,} pixels"
    if max(file.size) > MOST_A_SIDE:
        raise UserError(f"{path}: {size}; make it smaller than {MOST_A_SIDE:,} a side")
    kept = 0
    if isinstance(file, JpegImageFile):
        kept = 0 if _in_one_scan(file) else 2 * file.layers * pixels
        if max(file.size) > 4096:
            file.draft(None, (2048, 2048))
    plain_text = bool(file.tile) and file.tile[0][0] == "ppm_plain"
    needs = _PLAIN_TEXT_NEEDS if plain_text else _NEEDS.get(file.format or "", 8)
    memory = kept + needs * file.width * file.height
    if memory > MOST_MEMORY:
        raise UserError(f"{path}: {size}; make it smaller than {MOST_MEMORY * pixels // memory:,} pixels")


def _in_one_scan(file: JpegImageFile) -> bool:
    """Whether a JPEG can be decoded row by row: all its colours come together, and once; Pillow has just read how."""
    assert file.fp is not None
    length = 6 + 2 * file.layers
    file.fp.seek(-length, os.SEEK_CUR)
    header = file.fp.read(length)
    return "progressive" not in file.info and header.startswith(bytes((0, length, file.layers)))
