"""What a training looks like from outside, its cost, and from inside: states over a sentence, words as points."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from mrnn_np.plots.curves import History
from mrnn_np.plots.style import BLUE, DASHES, GREY, INK, ORANGE, SERIES, WIDE, YELLOW, Picture, picture, row_of_axes

_POINTS = 60
"""So many points are drawn of a curve, each the mean over as many updates as that takes."""
_MARKS = ("o", "s", "^", "D", "v", "P", "X")


def training_curves(
    histories: Mapping[str, Sequence[float]], levels: Mapping[str, float], log_y: bool = False
) -> Picture:
    """Return the cost of several trainings by update, smoothed to 60 points a curve.

    Parameters
    ----------
    histories : bits per word of every update, by name; infinite from where a training diverged, which a cross marks
    levels : costs by name, drawn as horizontal lines; a name stands below its line, where a floor's curve is not
    log_y : make the axis of the cost logarithmic
    """
    figure, axes = picture(7.2, 3.6)
    for i, (name, history) in enumerate(histories.items()):
        finite = [bits for bits in history if math.isfinite(bits)]
        width = max(1, len(history) // _POINTS)
        starts = range(0, len(finite), width)
        x = [start + (min(width, len(finite) - start) + 1) / 2 for start in starts]
        y = [sum(finite[start : start + width]) / len(finite[start : start + width]) for start in starts]
        colour = SERIES[i % len(SERIES)]
        axes.plot(x, y, linestyle=DASHES[i % len(DASHES)], color=colour, label=name)
        if finite and len(finite) < len(history):
            axes.plot(x[-1:], y[-1:], "x", color=colour, markersize=9, markeredgewidth=2)
    for name, level in levels.items():
        axes.axhline(level, color=GREY, linewidth=0.9, linestyle=":")
        axes.annotate(
            f"{name}, {level:.2f}",
            (1.0, level),
            (0, -2),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            fontsize=8,
            color=GREY,
            va="top",
            ha="right",
        )
    if log_y:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.set_xlabel("updates")
    axes.set_ylabel("bits per word")
    axes.legend(frameon=False, fontsize=9)
    return figure


def valley(paths: Mapping[str, Sequence[tuple[float, float]]], steepness: float) -> Picture:
    """Return the ways that trainings of two numbers take through the valley (x^2 + steepness y^2) / 2.

    Parameters
    ----------
    paths : the places (x, y) of each after every update, by name; what leaves the picture is cut off
    steepness : how many times as steep the valley is across, along y, as along x
    """
    figure, axes = picture(WIDE, 3.4)
    x, y = np.meshgrid(np.linspace(-11, 7, 181), np.linspace(-0.6, 0.6, 121))
    depth = (x * x + steepness * y * y) / 2
    axes.contour(x, y, depth, levels=[1, 4, 9, 16, 25, 36, 49, 64], colors=GREY, linewidths=0.6)
    for i, (name, path) in enumerate(paths.items()):
        colour, dashes = SERIES[i % len(SERIES)], DASHES[i % len(DASHES)]
        axes.plot(*zip(*path, strict=True), linestyle=dashes, color=colour, label=name, linewidth=1.2)
        axes.plot(*path[-1], _MARKS[i], color=colour, markersize=7)
    axes.plot(0, 0, "*", color=INK, markersize=11, label="the bottom")
    axes.set_xlim(-11, 7)
    axes.set_ylim(-0.6, 0.6)
    axes.set_xlabel("along the valley")
    axes.set_ylabel("across")
    axes.legend(fontsize=9, loc="upper right", edgecolor="none", framealpha=1)
    return figure


def compared_runs(histories: Mapping[str, History]) -> Picture:
    """Return the learning curves of runs side by side, on one scale, with a line at each run's lowest validation.

    Parameters
    ----------
    histories : by name, rows with "epoch", "train_bits" and "val_bits"
    """
    figure, several = row_of_axes(len(histories), WIDE, 3.2, share_y=True)
    for axes, (name, history) in zip(several, histories.items(), strict=True):
        epochs = [row["epoch"] for row in history]
        axes.plot(epochs, [row["train_bits"] for row in history], "o-", color=BLUE, label="training", markersize=4)
        axes.plot(epochs, [row["val_bits"] for row in history], "s-", color=ORANGE, label="validation", markersize=4)
        best = min(history, key=lambda row: row["val_bits"])
        axes.axhline(best["val_bits"], color=INK, linewidth=1.6, linestyle=":", label="lowest validation")
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    several[0].set_ylabel("bits per word, END counted")
    several[-1].legend(frameon=False, fontsize=9)
    return figure


def states(values: Any, words: Sequence[str], units: Sequence[str], label: str, width: float = WIDE) -> Picture:
    """Return what units hold over a sentence: a row for each unit, a column for each word, dark is much.

    Parameters
    ----------
    values : (units, words)
    label : what the values are, beside the colour scale
    """
    figure, axes = picture(width, 0.9 + 0.2 * len(units))
    image = axes.imshow(values, cmap="Blues", aspect="auto")
    axes.set_xticks(range(len(words)), words, fontsize=9)
    axes.set_yticks(range(len(units)), units, fontsize=8)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_ylabel("unit")
    axes.set_xlabel("word just read")
    figure.colorbar(image, ax=axes, label=label, pad=0.02)
    return figure


def word_map(plane: Any, words: Sequence[str], groups: Sequence[str]) -> Picture:
    """Return words as points of a plane, each written beside its point and coloured by its group.

    Parameters
    ----------
    plane : (n, 2)
    groups : the group of each word
    """
    figure, axes = picture(WIDE, 6.0)
    for number, group in enumerate(dict.fromkeys(groups)):
        chosen = [i for i, one in enumerate(groups) if one == group]
        colour = SERIES[number % len(SERIES)]
        axes.scatter(plane[chosen, 0], plane[chosen, 1], s=14, marker="os^DvP"[number % 6], color=colour, label=group)
    axes.set_xlabel("first principal axis")
    axes.set_ylabel("second principal axis")
    axes.legend(frameon=False, fontsize=9)
    write_beside(figure, axes, plane, words)
    return figure


def write_beside(figure: Picture, axes: Axes, points: Any, words: Sequence[str]) -> None:
    """Write each word beside its point, on the first of four sides where it covers no word written before."""
    notes = [
        axes.annotate(w, p, (3, 2), textcoords="offset points", fontsize=8, color=INK)
        for p, w in zip(points, words, strict=True)
    ]
    figure.draw_without_rendering()
    taken: list[Any] = []
    for note in notes:
        for x, y in ((3, 2), (3, -2), (-3, 2), (-3, -2)):
            note.set(position=(x, y), ha="left" if x > 0 else "right", va="bottom" if y > 0 else "top")
            box = note.get_window_extent()
            if not any(box.overlaps(other) for other in taken):
                break
        else:
            note.set(position=(3, 2), ha="left", va="bottom")
        taken.append(box)


def clouds(planes: Mapping[str, Any], groups: Sequence[str], legend: str, axis: str) -> Picture:
    """Return planes side by side with the same things as points, told apart by colour and shape.

    Parameters
    ----------
    planes : (n, 2) by title
    groups : the group of each thing
    legend : what the groups are
    axis : what is along the axes, to which "1" and "2" are added
    """
    figure, several = row_of_axes(len(planes), WIDE, WIDE / len(planes) * 0.75)
    names = list(dict.fromkeys(sorted(groups)))
    for axes, (title, plane) in zip(several, planes.items(), strict=True):
        for number, name in enumerate(names):
            chosen = [i for i, group in enumerate(groups) if group == name]
            colour = (*SERIES[:5], YELLOW, GREY)[number % 7]
            mark = _MARKS[number % len(_MARKS)]
            axes.scatter(plane[chosen, 0], plane[chosen, 1], s=14, marker=mark, color=colour, label=name, alpha=0.8)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(f"{axis} 1")
        axes.set_ylabel(f"{axis} 2")
    several[-1].legend(
        title=legend, frameon=False, fontsize=8, title_fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5)
    )
    return figure
