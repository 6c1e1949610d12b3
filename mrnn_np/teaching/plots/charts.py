"""Numbers as curves, bars, tables, intervals and blocks of time."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from matplotlib.ticker import MaxNLocator

from mrnn_np.plots.style import BLUE, DASHES, GREY, ORANGE, SERIES, WIDE, Picture, picture, row_of_axes

Busy = Mapping[str, Sequence[tuple[float, float]]]


def lines(
    x: Any,
    series: Mapping[str, Any],
    x_label: str,
    y_label: str,
    log_x: bool = False,
    log_y: bool = False,
    markers: str = "",
    marked: Mapping[float, str] | None = None,
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
    figure, axes = picture(6.4, height)
    for i, (name, y) in enumerate(series.items()):
        style, colour = DASHES[i % len(DASHES)], SERIES[i % len(SERIES)]
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


def bars(
    values: Mapping[str, float],
    unit: str,
    width: float = 6.4,
    digits: int = 1,
    log: bool = False,
    highlight: Collection[str] = (),
) -> Picture:
    """Return one horizontal bar for each name, its number beside it.

    Parameters
    ----------
    values : a number by name, drawn from the top
    unit : what the numbers are, written under the axis
    digits : after the decimal point
    log : make the axis logarithmic, for numbers that are powers of ten apart
    highlight : the names whose bars have the second colour
    """
    figure, axes = picture(width, 0.8 + 0.36 * len(values))
    numbers = list(values.values())
    axes.barh(range(len(values)), numbers, color=[ORANGE if name in highlight else BLUE for name in values])
    for i, number in enumerate(numbers):
        text = f"{number:.0e}" if log and number < 0.01 else f"{number:,.{digits}f}"
        axes.text(max(number, 0), i, f" {text}", va="center", fontsize=9)
    axes.set_yticks(range(len(values)), list(values))
    axes.invert_yaxis()
    if log:
        axes.set_xscale("log")
        axes.set_xlim(min(numbers) / 3, max(numbers) * (max(numbers) / min(numbers)) ** 0.15)
    else:
        axes.margins(x=0.12)
    axes.set_xlabel(unit)
    return figure


def grouped_bars(
    groups: Mapping[str, Sequence[float]], names: Sequence[str], y_label: str, width: float = WIDE
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
    axes.set_ylabel(y_label)
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
    width: float = WIDE,
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


def intervals(results: Mapping[str, Sequence[float]], unit: str) -> Picture:
    """Return a point with a line through it for each name.

    Parameters
    ----------
    results : (value, lowest, highest) by name, drawn from the top
    unit : what the numbers are, written under the axis
    """
    figure, axes = picture(8.0, 0.8 + 0.4 * len(results))
    for i, (value, low, high) in enumerate(results.values()):
        axes.plot([low, high], [i, i], color=BLUE, linewidth=2)
        axes.plot([value], [i], "o", color=ORANGE)
        axes.text(value, i - 0.15, f"{value:.2f}", ha="center", va="bottom", fontsize=8)
    axes.set_yticks(range(len(results)), list(results))
    axes.set_ylim(len(results) - 0.5, -0.7)
    axes.set_xlim(left=min(0.0, *(low for _, low, _ in results.values())))
    axes.set_xlabel(unit)
    return figure


def timelines(panels: Mapping[str, Busy], unit: str) -> Picture:
    """Return, for each panel, a row for each worker with a block wherever it is busy, all on one time axis.

    Parameters
    ----------
    panels : by title, (start, end) of each piece of work, by worker
    unit : of time
    """
    figure, several = row_of_axes(len(panels), WIDE, 2.2, share_y=True)
    latest = max(end for busy in panels.values() for work in busy.values() for _, end in work)
    for axes, (title, busy) in zip(several, panels.items(), strict=True):
        for row, work in enumerate(busy.values()):
            spans = [(start, end - start) for start, end in work]
            axes.broken_barh(spans, (row - 0.3, 0.6), facecolors=(BLUE, ORANGE)[row % 2], edgecolor="white")
        axes.set_yticks(range(len(busy)), list(busy))
        axes.set_ylim(len(busy) - 0.5, -0.5)
        axes.set_xlim(0, latest * 1.03)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(unit)
    return figure
