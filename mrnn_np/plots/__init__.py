"""Every picture the commands and notebooks draw, in one look: plain values in, a `Picture` out.

style       colours, `Picture` and empty axes
curves      learning curves
pictures    pictures with words under them
batches     packed and padded batches, word counts, bars
lines       curves over an axis, tables of numbers as colours, grouped bars
unrolled    a recurrent network over time, forward and backward
"""

from mrnn_np.plots.batches import bars, staircase, word_frequencies
from mrnn_np.plots.curves import draw_curves, learning_curves
from mrnn_np.plots.lines import grouped_bars, lines, tables
from mrnn_np.plots.pictures import pictures
from mrnn_np.plots.style import BLUE, GREEN, GREY, ORANGE
from mrnn_np.plots.unrolled import unrolled

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "bars",
    "draw_curves",
    "grouped_bars",
    "learning_curves",
    "lines",
    "pictures",
    "staircase",
    "tables",
    "unrolled",
    "word_frequencies",
]
