"""What a run tells its user in text: the vocabulary, the table of parameters, history.csv."""

import math

from mrnn_np.data.examples import word_counts
from mrnn_np.data.vocabulary import UNK
from mrnn_np.model.params import Layout, layout_size
from mrnn_np.training.setup import Run

MEANING = {
    "E": "word embedding I",
    "U_I": "recurrent layer, from the image",
    "W_x": "recurrent layer, from below",
    "b_x": "its bias",
    "V_e": "from the multimodal layer back to word embedding I",
    "b_e": "its bias",
    "W_2": "word embedding II",
    "b_w": "its bias",
    "U_r": "recurrent layer",
    "V_w": "multimodal layer, from the word",
    "V_r": "multimodal layer, from the recurrent layer",
    "V_I": "multimodal layer, from the image",
    "b_m": "its bias",
    "V_y": "softmax layer",
    "b_y": "its bias",
}


def meaning(symbol: str) -> str:
    """Return what a parameter is for, in words; the number of a recurrent layer is part of its symbol."""
    if "." in symbol:
        return "CNN"
    name = symbol.rstrip("0123456789")
    return MEANING[symbol] if symbol in MEANING else f"{MEANING[name]}, number {symbol[len(name) :]}"


def parameter_table(layout: Layout) -> str:
    """Return the parameters with shapes, one a line, and their total."""
    rows = [
        (symbol, " x ".join(map(str, shape)), f"{math.prod(shape):,}", meaning(symbol))
        for symbol, shape in layout.items()
    ]
    rows.append(("", "", f"{layout_size(layout):,}", "in all"))
    wide, long = (max(least, 1 + max(len(row[i]) for row in rows)) for i, least in ((0, 5), (1, 12)))
    return "\n".join(
        f"  {symbol:{wide}}{shape:>{long}}{count:>12}  {meaning}" for symbol, shape, count, meaning in rows
    )


def vocabulary_note(run: Run) -> str:
    """Return how large the vocabulary is and how much of the captions it leaves unknown, in words."""
    vocabulary = run.checkpoint.vocabulary
    counts = word_counts(run.train_set, vocabulary)
    return (
        f"vocabulary: {len(vocabulary):,} words; {counts[UNK] / counts.sum():.1%} of the training words are not in it"
    )
