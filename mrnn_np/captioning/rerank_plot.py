"""A picture of reranking: one image's hypotheses as the beam ranks them and as the consensus does."""

from typing import BinaryIO

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.captioning.written import Written
from mrnn_np.plots.style import BLUE, GREY, ORANGE, Picture


def draw_reranking(written: Written, file: BinaryIO, title: str = "", image: Array | None = None) -> None:
    """Draw the captions as ranked by the beam and by the consensus, a line from each place to the other, as a PNG.

    Parameters
    ----------
    written : the hypotheses of one image, reranked
    title : what stands above, as the image's name
    image : (height, width, 3), the photograph, where there is one
    """
    captions, log2_probs, consensus = written.sentences, written.log2_probs, written.consensus
    after = np.argsort(written.order)
    n = len(captions)
    height = 0.3 * n + 0.8  # inches
    photograph = 0 if image is None else height
    figure = Picture(figsize=(photograph + 15, height))
    if image is not None:
        picture = figure.add_axes((0, 0, photograph / (photograph + 15), 1))
        picture.imshow(image)
        picture.set_axis_off()
    axes = figure.add_axes((photograph / (photograph + 15), 0, 15 / (photograph + 15), 1))
    for before, caption in enumerate(captions):
        place = int(after[before])
        colour = GREY if place == before else BLUE if place < before else ORANGE
        weight = "bold" if place == 0 else "normal"
        axes.plot([0, 1], [before, place], "o-", color=colour, markersize=4, linewidth=2.2 if place == 0 else 1.2)
        text = " ".join(caption)
        axes.text(-0.04, before, f"{text}  ({log2_probs[before]:.1f})", ha="right", va="center", fontweight=weight)
        axes.text(1.04, place, f"({consensus[before]:.2f})  {text}", ha="left", va="center", fontweight=weight)
    for side, x, heading in (("right", -0.04, "beam search (log2 P)"), ("left", 1.04, "(consensus) reranked")):
        axes.text(x, -1, heading, ha=side, va="center", color=GREY)
    axes.text(0.5, -1.7, title.replace("$", r"\$"), ha="center", va="center")  # a pair of $ would make a formula
    axes.set_xlim(-4, 5)
    axes.set_ylim(n - 0.5, -2.2)
    axes.set_axis_off()
    figure.savefig(file, format="png", dpi=110)
