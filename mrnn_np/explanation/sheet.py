"""An explained caption as one picture: the picture itself, then for each word where its evidence comes from."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from mrnn_np.errors import printable
from mrnn_np.explanation.maps import Map, smooth
from mrnn_np.explanation.page import Word
from mrnn_np.plots.contact_sheet import PICTURE, Panel, contact_sheet, plain

FOR, AGAINST = (255, 120, 0), (0, 110, 255)
"""The colours of places that speak for a word and against it."""


def explained(square: Image.Image, words: Sequence[Word]) -> Image.Image:
    """Return the sheet of a picture, as the CNN sees it, and the words of a caption."""
    picture = square.convert("RGB").resize((PICTURE, PICTURE), Image.Resampling.BICUBIC)
    line = [text for word in words for text in plain(_with_bits(word))]
    panels = [Panel(picture, [line])]
    panels += [
        Panel(overlaid(picture, word.shares), [plain(_with_bits(word))]) for word in words if word.shares is not None
    ]
    return contact_sheet(panels, min(6, len(panels)))


def _with_bits(word: Word) -> str:
    return f"{printable(word.text)} {word.bits:+.1f}"


def overlaid(picture: Image.Image, shares: Map) -> Image.Image:
    """Return a picture, as grey as a newspaper's, with a map in colours over it."""
    height = smooth(shares, picture.width)
    strength = (np.abs(height) / max(float(np.abs(height).max()), 1e-30))[:, :, None]
    grey = np.asarray(picture.convert("L").convert("RGB"), np.float32)
    colours = np.where(height[:, :, None] > 0, np.array(FOR, np.float32), np.array(AGAINST, np.float32))
    # Less against than for, as that is what one asks for.
    over = np.where(height[:, :, None] > 0, 0.75, 0.4) * strength
    return Image.fromarray((grey * (1 - over) + colours * over).astype(np.uint8))
