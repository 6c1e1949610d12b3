"""Every picture the commands and notebooks draw, in one look.

The colours are Okabe and Ito's, which colour-blind people can tell apart, and axes name their units.

Figures are made without pyplot, so no window opens and nothing global changes.
"""

from typing import BinaryIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"


def draw_curves(history: list[dict[str, float]], file: BinaryIO) -> None:
    """Draw a run's perplexity by epoch, in training and validation, as a PNG into `file`.

    Parameters
    ----------
    history : rows with "epoch", "train_ppl" and "val_ppl"; at least one
    """
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes: Axes = figure.subplots()
    epochs = [row["epoch"] for row in history]
    for key, label, colour, style in (
        ("train_ppl", "training (dropout on)", BLUE, "o-"),
        ("val_ppl", "validation", ORANGE, "s-"),
    ):
        axes.plot(epochs, [row[key] for row in history], style, color=colour, label=label, markersize=4)
    best = min(history, key=lambda row: row["val_ppl"])
    axes.axhline(best["val_ppl"], color=GREY, linewidth=0.8, linestyle=":")
    axes.annotate(
        f"{best['val_ppl']:.2f}",
        (best["epoch"], best["val_ppl"]),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        color=ORANGE,
    )
    axes.set_yscale("log", base=2)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch (times through the training captions)")
    axes.set_ylabel("perplexity (2^bits per word, END counted)")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, format="png", dpi=120)
