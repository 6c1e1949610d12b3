"""Pictures side by side, each with words under it."""

import textwrap
from collections.abc import Sequence
from typing import Any

from mrnn_np.plots.style import INK, Picture

_POINT = 1 / 72
"""Of an inch."""


def pictures(shown: Sequence[tuple[Any, str]], columns: int = 4, width: float = 9.6, text_size: float = 9) -> Picture:
    """Return pictures in rows, each with its words under it, broken to its width.

    Parameters
    ----------
    shown : pairs of a Pillow image or an array (height, width, 3), and a text; a new line in the text is kept
    columns : pictures in a row
    width : of the whole, in inches
    text_size : in points
    """
    rows = -(-len(shown) // columns)
    cell, gap = width / columns, 0.15
    letters = int((cell - gap) / (0.56 * text_size * _POINT))
    texts = ["\n".join(textwrap.fill(line, letters) for line in text.split("\n")) for _, text in shown]
    lines = max((text.count("\n") + 1 for text in texts if text), default=0)
    row_height = cell + lines * 1.25 * text_size * _POINT
    height = rows * row_height + gap
    figure = Picture(figsize=(width, height))
    for i, ((image, _), text) in enumerate(zip(shown, texts, strict=True)):
        left, top = (i % columns) * cell + gap / 2, height - (i // columns) * row_height - gap / 2
        side = cell - gap
        axes = figure.add_axes((left / width, (top - side) / height, side / width, side / height))
        axes.imshow(image)
        axes.axis("off")
        at = (left + side / 2) / width, (top - side - 0.05) / height
        figure.text(*at, text, ha="center", va="top", fontsize=text_size, color=INK, linespacing=1.1)
    return figure
