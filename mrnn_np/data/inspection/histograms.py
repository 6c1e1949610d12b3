"""Four histograms of a data set: caption lengths, captions an image, word frequencies, sizes of features."""

from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from mrnn_np.data.inspection.captions import SplitCaptions
from mrnn_np.plots.style import BLUE, GREEN, GREY, ORANGE, Picture

_COLOURS = (BLUE, ORANGE, GREEN, GREY)


def draw_histograms(splits: dict[str, SplitCaptions], norms: npt.NDArray[np.float64] | None, file: BinaryIO) -> None:
    """Draw the histograms as a PNG into `file`.

    Parameters
    ----------
    splits : the captions of each split, as `inspect_captions` counted them
    norms : (N,) the finite norms of the features' rows; None where there are no features
    """
    figure = Picture(figsize=(9, 6), layout="constrained")
    ((lengths, per_image), (words, sizes)) = figure.subplots(2, 2)
    for (split, counted), colour in zip(splits.items(), _COLOURS * len(splits), strict=False):
        longest = int(counted.lengths.max())
        shares = np.bincount(counted.lengths) / len(counted.lengths)
        lengths.plot(range(longest + 1), shares, color=colour, label=split)
        shares = np.bincount(counted.per_image) / len(counted.per_image)
        per_image.plot(range(len(shares)), shares, "o-", color=colour, label=split, markersize=4)
        frequencies = [count for _, count in counted.words.most_common()]
        words.loglog(range(1, len(frequencies) + 1), frequencies, color=colour, label=split)
    lengths.set(xlabel="words in a caption (END not counted)", ylabel="share of captions")
    per_image.set(xlabel="captions of an image", ylabel="share of images")
    words.set(xlabel="rank of a word", ylabel="times it is said")
    sizes.set(xlabel="Euclidean norm of an image's features", ylabel="images")
    if norms is None:
        sizes.text(0.5, 0.5, "no features", ha="center", va="center", transform=sizes.transAxes)
    else:
        sizes.hist(norms, bins=50, color=BLUE)
    lengths.legend(frameon=False)
    for axes in (lengths, per_image, words, sizes):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, format="png", dpi=120)
