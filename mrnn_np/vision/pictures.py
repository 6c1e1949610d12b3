"""Opening picture files so that a CNN sees what a person would: upright, in colour, one frame, on paper white."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps

from mrnn_np.vision.picture_files import opened
from mrnn_np.vision.samples import Samples

_STRIP = 2**22  # pixels converted together, so that no more than two whole pictures are in memory


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
