"""Learning curves: a run's perplexity by epoch."""

from collections.abc import Sequence

from matplotlib.ticker import MaxNLocator

from mrnn_np.plots.style import BLUE, GREY, ORANGE, Picture, picture

History = Sequence[dict[str, float]]


def learning_curves(history: History) -> Picture:
    """Return a run's perplexity by epoch, in training and validation.

    Parameters
    ----------
    history : rows with "epoch", "train_ppl" and "val_ppl"; at least one
    """
    figure, axes = picture(6.4, 4)
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
    return figure
