"""A comparison as a picture: every run a dot, every model's mean a line."""

from mrnn_np.comparison.summary import Runs, everywhere
from mrnn_np.plots.style import BLUE, ORANGE, Picture, row_of_axes

LABELS = {
    "bits": "validation cost (bits per word)",
    "bits above the floor": "cost above the floor (bits per word)",
    "true claims": "share of claims that are true",
    "BLEU-4": "BLEU-4",
}


def draw_comparison(runs: Runs) -> Picture:
    """Return the picture: the cost, and how good the captions are; the first model is at the top."""
    cost = "bits above the floor" if everywhere("bits above the floor", runs) else "bits"
    quality = "true claims" if everywhere("true claims", runs) else "BLEU-4"
    figure, axes = row_of_axes(2, height=1.2 + 0.32 * len(runs))
    for axis, score, colour in zip(axes, (cost, quality), (BLUE, ORANGE), strict=True):
        for place, of_model in enumerate(runs.values()):
            values = [scores[score] for scores in of_model]
            mean = sum(values) / len(values)
            axis.plot(values, [place] * len(values), "o", color=colour, markersize=4, alpha=0.6)
            axis.plot([mean, mean], [place - 0.3, place + 0.3], color=colour)
        axis.set_yticks(range(len(runs)), list(runs))
        axis.invert_yaxis()
        axis.set_xlabel(LABELS[score])
    axes[1].tick_params(labelleft=False)
    return figure
