"""Curves over an axis, and tables of numbers as colours."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator

from mrnn_np.plots.style import GREY, SERIES, Picture, picture, row_of_axes

_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))


def lines(
    x: Any,
    series: Mapping[str, Any],
    x_label: str,
    y_label: str,
    log_x: bool = False,
    log_y: bool = False,
    markers: str = "",
    marked: Mapping[float, str] | None = None,
    width: float = 6.4,
    height: float = 3.6,
) -> Picture:
    """Return curves over one axis, told apart by colour and by dash.

    Parameters
    ----------
    x : (n,)
    series : (n,) by name; a name of "" is left out of the legend
    x_label, y_label : what is drawn, with its unit
    log_x, log_y : make the axis logarithmic, in powers of ten
    markers : matplotlib's letter for the points, for instance "o"
    marked : texts by the x at which a thin vertical line carries them, above the curves
    """
    figure, axes = picture(width, height)
    for i, (name, y) in enumerate(series.items()):
        style, colour = _STYLES[i % len(_STYLES)], SERIES[i % len(SERIES)]
        axes.plot(x, y, linestyle=style, color=colour, marker=markers, markersize=4, label=name or None)
    if log_x:
        axes.set_xscale("log")
    elif all(float(place).is_integer() for place in x):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if log_y:
        axes.set_yscale("log")
    for place, text in (marked or {}).items():
        axes.axvline(place, color=GREY, linewidth=0.8, linestyle=":")
        axes.text(place, 1.01, text, transform=axes.get_xaxis_transform(), ha="center", fontsize=8, color=GREY)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    if any(series):
        axes.legend(frameon=False, fontsize=9)
    return figure


def tables(
    values: Mapping[str, Any],
    rows: Sequence[str],
    columns: Sequence[str],
    unit: str,
    row_label: str = "",
    column_label: str = "",
    digits: int = 1,
    width: float = 9.6,
    height: float | None = None,
    limits: tuple[float, float] | None = None,
) -> Picture:
    """Return tables of numbers side by side, each cell coloured by its number, all on one scale.

    Parameters
    ----------
    values : (len(rows), len(columns)) by title; nan cells stay white and empty
    unit : what the numbers are, beside the colour scale; "" leaves the scale out
    digits : after the decimal point
    limits : numbers for the palest and the darkest colour; by default the smallest and the largest there are
    """
    figure, several = row_of_axes(len(values), width, height or 0.9 + 0.34 * len(rows), share_y=True)
    every = [number for table in values.values() for row in table for number in row if number == number]
    low, high = limits or (min(every), max(every))
    image = None
    for axes, (title, table) in zip(several, values.items(), strict=True):
        image = axes.imshow(table, cmap="cividis_r", vmin=low, vmax=high, aspect="auto")
        for i, row in enumerate(table):
            for j, number in enumerate(row):
                if number == number:
                    dark = number > (low + high) / 2
                    text = f"{number:.{digits}f}"
                    axes.text(j, i, text, ha="center", va="center", fontsize=8, color="white" if dark else "black")
        axes.set_title(title, fontsize=10)
        turned = 0 if max(map(len, columns)) * len(columns) < 60 / len(values) else 45
        axes.set_xticks(range(len(columns)), columns, rotation=turned, fontsize=9)
        if turned:
            for label in axes.get_xticklabels():
                label.set(ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(rows)), rows, fontsize=9)
        axes.set_xlabel(column_label)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    several[0].set_ylabel(row_label)
    if image is not None and unit:
        figure.colorbar(image, ax=several, label=unit, pad=0.02)
    return figure


def grouped_bars(
    groups: Mapping[str, Sequence[float]], names: Sequence[str], y_label: str, width: float = 9.6, log_y: bool = False
) -> Picture:
    """Return vertical bars side by side: for each of `names` one bar of each group.

    Parameters
    ----------
    groups : a number for each of `names`, by the group's name
    """
    figure, axes = picture(width, 3.6)
    share = 0.8 / len(groups)
    for i, (group, numbers) in enumerate(groups.items()):
        at = [place - 0.4 + share * (i + 0.5) for place in range(len(names))]
        axes.bar(at, numbers, share * 0.92, label=group, color=SERIES[i % len(SERIES)])
    axes.set_xticks(range(len(names)), names)
    if log_y:
        axes.set_yscale("log")
    axes.set_ylabel(y_label)
    axes.legend(frameon=False, fontsize=9)
    return figure
