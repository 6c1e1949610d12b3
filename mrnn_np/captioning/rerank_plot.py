"""A picture of reranking: one image's hypotheses as the beam ranks them and as the consensus does."""

from typing import Any

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from mrnn_np.backend import Array
from mrnn_np.captioning.written import Written
from mrnn_np.plots.style import BLUE, GREY, ORANGE, Picture

_LINES, _PHOTOGRAPH = 1.0, 2.2
"""Inches: the width of the lines between the two lists, and the height of the photograph."""
_SIZE = 9
"""Of the letters, in points, of which an inch has 72."""


def draw_reranking(written: Written, title: str = "", image: Array | None = None) -> Picture:
    """Return the captions as ranked by the beam and by the consensus, a line from each place to the other.

    The picture is as wide as its longest caption needs, so that its letters are as large as a page can have them.

    Parameters
    ----------
    written : the hypotheses of one image, reranked
    title : what stands above, as the image's name
    image : (height, width, 3), the photograph, where there is one
    """
    captions, log2_probs, consensus = written.sentences, written.log2_probs, written.consensus
    after = np.argsort(written.order)
    n = len(captions)
    texts = [" ".join(caption) for caption in captions]
    bold = FontProperties(weight="bold")
    side = max(TextPath((0, 0), f"{text}  (-1234.5)", _SIZE, prop=bold).get_extents().width for text in texts) / 72
    above, below = 0 if image is None else _PHOTOGRAPH, 0.28 * n + 0.8
    width, height = 2 * side + _LINES, above + below
    figure = Picture(figsize=(width, height))
    if image is not None:
        picture = figure.add_axes((0, below / height, 1, above / height))
        picture.imshow(image)
        picture.set_axis_off()
    axes = figure.add_axes((0, 0, 1, below / height))
    for before, text in enumerate(texts):
        place = int(after[before])
        colour = GREY if place == before else BLUE if place < before else ORANGE
        weight = "bold" if place == 0 else "normal"
        style: dict[str, Any] = {"va": "center", "fontsize": _SIZE, "fontweight": weight}
        axes.plot([0, 1], [before, place], "o-", color=colour, markersize=4, linewidth=2.2 if place == 0 else 1.2)
        axes.text(-0.07, before, f"{text}  ({log2_probs[before]:.1f})", ha="right", **style)
        axes.text(1.07, place, f"({consensus[before]:.2f})  {text}", ha="left", **style)
    for align, x, heading in (("right", -0.07, "beam search (log2 P)"), ("left", 1.07, "(consensus) reranked")):
        axes.text(x, -1, heading, ha=align, va="center", fontsize=_SIZE, color=GREY)
    axes.text(0.5, -1.7, title.replace("$", r"\$"), ha="center", va="center")  # a pair of $ would make a formula
    axes.set_xlim(-side / _LINES, 1 + side / _LINES)
    axes.set_ylim(n - 0.5, -2.2)
    axes.set_axis_off()
    return figure
