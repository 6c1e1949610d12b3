"""Opening picture files so that a CNN sees what a person would: upright, in colour, one frame, on paper white."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from mrnn_np.errors import UserError

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jfif", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".avif")
)
"""What a picture file in a folder is called."""

MOST_PIXELS = 100_000_000
"""More are refused, since they would take gigabytes: a small file can claim to be a picture of any size."""


def open_picture(path: str | Path) -> Image.Image:
    """Read a picture file as an RGB picture.

    * It is turned upright as its EXIF orientation says.
    * Of an animation the first frame is taken.
    * Transparent parts become white.
    * Grey, palette and CMYK pictures become RGB; 16 bits a channel become 8.

    A JPEG of over 4,096 pixels a side is decoded at a fraction of its size, but never to fewer than 2,048 a side.

    Raises UserError, one line that begins with `path`, when the file cannot be opened, is no picture, is cut short or
    damaged, or has more than `MOST_PIXELS`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd metadata and sizes; the size is checked below
            with Image.open(path) as file:
                if max(file.size) > 4096:
                    file.draft(None, (2048, 2048))
                if file.width * file.height > MOST_PIXELS:
                    size = f"{file.width:,} x {file.height:,} pixels"
                    raise UserError(f"{path}: is a picture of {size}; make it smaller than {MOST_PIXELS:,} pixels")
                return _to_rgb(_upright(file))
    except UserError:
        raise
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; check the name") from None
    except UnidentifiedImageError:
        raise UserError(f"{path}: is not a picture of any format known here; save it as JPEG or PNG") from None
    except Image.DecompressionBombError:
        raise UserError(f"{path}: is a picture of too many pixels; make it smaller than {MOST_PIXELS:,}") from None
    except Exception as error:  # each of Pillow's formats fails in ways of its own
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"{path}: cannot be read as a picture ({reason}); save it again as JPEG or PNG") from None


def _upright(picture: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; a picture whose EXIF is damaged is taken as it lies."""
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # whatever the parser of the metadata tripped over
        return picture


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits a pixel, in one of the names and byte orders Pillow has for it
        sixteen = np.asarray(picture).astype(np.int64)
        picture = Image.fromarray((sixteen.clip(0, 65535) >> 8).astype(np.uint8))
    if picture.mode == "F":
        raise ValueError("its pixels are floating point numbers, whose white is unknown")
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture)
    return picture.convert("RGB")
