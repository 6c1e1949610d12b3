"""What only notebooks draw: plain values in, a `Picture` out.

charts      curves over an axis, bars, tables of numbers as colours, intervals, who is busy when
sentences   packed and padded batches, word counts, a network over time, likely next words, a beam search
learners    the tree in which shares are added, and a ring
training    several trainings, ways through a valley, hidden states, words and things as points
pixels      pictures with words under them, and windows, kernels, maps and layers of a CNN
"""

from mrnn_np.teaching.plots.charts import bars, grouped_bars, intervals, lines, tables, timelines
from mrnn_np.teaching.plots.learners import ring, sum_tree
from mrnn_np.teaching.plots.pixels import filters, layers, maps, pictures, windows_as_rows
from mrnn_np.teaching.plots.sentences import beam_tree, choices, staircase, unrolled, word_frequencies
from mrnn_np.teaching.plots.training import clouds, compared_runs, states, training_curves, valley, word_map

__all__ = [
    "bars",
    "beam_tree",
    "choices",
    "clouds",
    "compared_runs",
    "filters",
    "grouped_bars",
    "intervals",
    "layers",
    "lines",
    "maps",
    "pictures",
    "ring",
    "staircase",
    "states",
    "sum_tree",
    "tables",
    "timelines",
    "training_curves",
    "unrolled",
    "valley",
    "windows_as_rows",
    "word_frequencies",
    "word_map",
]
