"""Runs beside runs, and scores with how sure they are."""

from collections.abc import Mapping, Sequence

from matplotlib.ticker import MaxNLocator

from mrnn_np.plots.curves import History
from mrnn_np.plots.style import BLUE, GREY, ORANGE, Picture, picture, row_of_axes


def compared_runs(histories: Mapping[str, History], width: float = 9.6) -> Picture:
    """Return the learning curves of runs side by side, on one scale.

    Parameters
    ----------
    histories : by name, rows with "epoch", "train_bits" and "val_bits"
    """
    figure, several = row_of_axes(len(histories), width, 3.2, share_y=True)
    for axes, (name, history) in zip(several, histories.items(), strict=True):
        epochs = [row["epoch"] for row in history]
        axes.plot(epochs, [row["train_bits"] for row in history], "o-", color=BLUE, label="training", markersize=4)
        axes.plot(epochs, [row["val_bits"] for row in history], "s-", color=ORANGE, label="validation", markersize=4)
        best = min(history, key=lambda row: row["val_bits"])
        axes.axhline(best["val_bits"], color=GREY, linewidth=0.8, linestyle=":")
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    several[0].set_ylabel("bits per word, END counted")
    several[-1].legend(frameon=False, fontsize=9)
    return figure


def intervals(results: Mapping[str, Sequence[float]], unit: str, width: float = 8.0) -> Picture:
    """Return a point with a line through it for each name.

    Parameters
    ----------
    results : (value, lowest, highest) by name, drawn from the top
    unit : what the numbers are, written under the axis
    """
    figure, axes = picture(width, 0.8 + 0.4 * len(results))
    for i, (value, low, high) in enumerate(results.values()):
        axes.plot([low, high], [i, i], color=BLUE, linewidth=2)
        axes.plot([value], [i], "o", color=ORANGE)
        axes.text(value, i - 0.15, f"{value:.2f}", ha="center", va="bottom", fontsize=8)
    axes.set_yticks(range(len(results)), list(results))
    axes.set_ylim(len(results) - 0.5, -0.7)
    axes.set_xlim(left=min(0.0, *(low for _, low, _ in results.values())))
    axes.set_xlabel(unit)
    return figure
