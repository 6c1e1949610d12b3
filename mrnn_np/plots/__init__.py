"""Every picture the commands and notebooks draw, in one look: plain values in, a `Picture` out.

headless    how matplotlib is imported, before any other of its modules
style       colours, `Picture` and empty axes
curves      learning curves
pictures    pictures with words under them
batches     packed and padded batches, word counts, bars
lines       curves over an axis, tables of numbers as colours, grouped bars
unrolled    a recurrent network over time, forward and backward
training    several trainings by update, hidden states, words as points
trees       how a sentence is chosen: likely next words, a beam search
convolution windows as rows, kernels, maps, layers
clouds      things as points of a plane
comparisons runs beside runs, scores with their intervals
timeline    who is busy when
"""

from mrnn_np.plots import headless  # noqa: F401 - before all others
from mrnn_np.plots.batches import bars, staircase, word_frequencies
from mrnn_np.plots.clouds import clouds
from mrnn_np.plots.comparisons import compared_runs, intervals
from mrnn_np.plots.convolution import filters, layers, maps, windows_as_rows
from mrnn_np.plots.curves import draw_curves, learning_curves
from mrnn_np.plots.lines import grouped_bars, lines, tables
from mrnn_np.plots.pictures import pictures
from mrnn_np.plots.style import BLUE, GREEN, GREY, ORANGE
from mrnn_np.plots.timeline import timelines
from mrnn_np.plots.training import states, training_curves, word_map
from mrnn_np.plots.trees import beam_tree, choices
from mrnn_np.plots.unrolled import unrolled

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "bars",
    "beam_tree",
    "choices",
    "clouds",
    "compared_runs",
    "draw_curves",
    "filters",
    "grouped_bars",
    "intervals",
    "layers",
    "learning_curves",
    "lines",
    "maps",
    "pictures",
    "staircase",
    "states",
    "tables",
    "timelines",
    "training_curves",
    "unrolled",
    "windows_as_rows",
    "word_frequencies",
    "word_map",
]
