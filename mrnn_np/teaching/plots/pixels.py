"""Pictures with words under them, and what a convolution does to one: windows, kernels, maps, layers."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mrnn_np.plots.style import BLUE, GREY, INK, ORANGE, PALE, SERIES, WIDE, Picture, canvas, row_of_axes

_POINT = 1 / 72
"""What the sizes of letters are given in, in inches."""


def pictures(shown: Sequence[tuple[Any, str]], columns: int = 4, width: float = WIDE, text_size: float = 9) -> Picture:
    """Return pictures in rows, each with its words under it, broken to its width.

    Parameters
    ----------
    shown : pairs of a Pillow image or an array (height, width, 3), and a text; a new line in the text is kept
    columns : pictures in a row
    width : of the whole, in inches
    text_size : in points
    """
    rows = -(-len(shown) // columns)
    cell, gap = width / columns, 0.15
    letters = int((cell - gap) / (0.56 * text_size * _POINT))
    texts = ["\n".join(textwrap.fill(line, letters) for line in text.split("\n")) for _, text in shown]
    lines = max((text.count("\n") + 1 for text in texts if text), default=0)
    row_height = cell + lines * 1.25 * text_size * _POINT
    height = rows * row_height + gap
    figure = Picture(figsize=(width, height))
    for i, ((image, _), text) in enumerate(zip(shown, texts, strict=True)):
        left, top = (i % columns) * cell + gap / 2, height - (i // columns) * row_height - gap / 2
        side = cell - gap
        axes = figure.add_axes((left / width, (top - side) / height, side / width, side / height))
        axes.imshow(image)
        axes.axis("off")
        at = (left + side / 2) / width, (top - side - 0.05) / height
        figure.text(*at, text, ha="center", va="top", fontsize=text_size, color=INK, linespacing=1.1)
    return figure


def windows_as_rows(picture: Any, kernel: Any, windows: Any, output: Any) -> Picture:
    """Return a convolution of one channel, drawn twice: a kernel that slides, and one matrix product.

    Parameters
    ----------
    picture : (H, W) of short numbers
    kernel : (k, k)
    windows : (n, k k), a row for each window
    output : (n,), what the product gives
    """
    H, W, k, n, cells = len(picture), len(picture[0]), len(kernel), len(windows), len(windows[0])
    figure, axes = canvas(WIDE, 0.9 + 0.42 * max(n, H), W + cells + k + 9.0, max(n, H) + 2)
    left, top = 0.5, 1.2
    _grid(axes, left, top, picture, lambda i, j: "white")
    across = W - k + 1
    for row in range(n):
        i, j = divmod(row, across)
        inset = 0.06 * (row + 1)
        square = (left + j + inset, top + i + inset), k - 2 * inset, k - 2 * inset
        axes.add_patch(Rectangle(*square, fill=False, edgecolor=SERIES[row % len(SERIES)], linewidth=2))
    _title(axes, left + W / 2, f"the picture, {H} x {W}")

    left += W + 1.6
    _grid(axes, left, top, windows, lambda i, j: PALE)
    for row in range(n):
        colour = SERIES[row % len(SERIES)]
        axes.add_patch(Rectangle((left, top + row), cells, 1, fill=False, edgecolor=colour, linewidth=2))
    _title(axes, left + cells / 2, f"its windows, a row each: {n} x {cells}")

    left += cells + 0.8
    axes.text(left, top + n / 2, "@", ha="center", va="center", fontsize=13, color=INK)
    left += 0.8
    _grid(axes, left, top, kernel, lambda i, j: "white")
    _title(axes, left + k / 2, f"the kernel, as {k * k} numbers")
    left += k + 0.8
    axes.text(left, top + n / 2, "=", ha="center", va="center", fontsize=13, color=INK)
    left += 0.8
    _grid(axes, left, top, [[number] for number in output], lambda i, j: "white")
    for row in range(n):
        colour = SERIES[row % len(SERIES)]
        axes.add_patch(Rectangle((left, top + row), 1, 1, fill=False, edgecolor=colour, linewidth=2))
    _title(axes, left + 0.5, "output")
    return figure


def _title(axes: Axes, x: float, text: str) -> None:
    axes.text(x, 0.7, text, ha="center", va="bottom", fontsize=9, color=GREY)


def _grid(axes: Axes, left: float, top: float, numbers: Any, face: Any) -> None:
    for i, row in enumerate(numbers):
        for j, number in enumerate(row):
            axes.add_patch(Rectangle((left + j, top + i), 1, 1, facecolor=face(i, j), edgecolor="#BBBBBB", linewidth=1))
            axes.text(left + j + 0.5, top + i + 0.5, f"{number:g}", ha="center", va="center", fontsize=9, color=INK)


def filters(kernels: Any, columns: int = 12) -> Picture:
    """Return kernels as small colour pictures: grey is 0, and each is scaled to its own largest number.

    Parameters
    ----------
    kernels : (O, k, k, 3), an array
    columns : kernels in a row
    """
    rows, cell = -(-len(kernels) // columns), WIDE / columns
    figure = Picture(figsize=(WIDE, rows * cell), layout="constrained")
    several = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in several:
        axes.axis("off")
    for number, (axes, kernel) in enumerate(zip(several, kernels, strict=False)):
        axes.imshow(0.5 + 0.5 * kernel / abs(kernel).max(), interpolation="nearest")
        axes.set_title(f"{number}", fontsize=7, color=GREY, pad=2)
    return figure


def maps(shown: Mapping[str, Any], unit: str, columns: int = 0, width: float = WIDE) -> Picture:
    """Return maps of numbers, and perhaps pictures, in rows; the maps have one scale, pale for 0.

    Parameters
    ----------
    shown : by title, an array (H, W) of numbers of both signs, or a picture (H, W, 3)
    unit : what the numbers are, beside the colour scale
    columns : how many in a row; 0 for all of them
    """
    columns = columns or len(shown)
    rows = -(-len(shown) // columns)
    figure = Picture(figsize=(width, rows * (width / columns + 0.2)), layout="constrained")
    several = figure.subplots(rows, columns, squeeze=False).ravel()
    flat = [values for values in shown.values() if values.ndim == 2]
    most, lowest = max(float(abs(values).max()) for values in flat), min(float(values.min()) for values in flat)
    image = None
    for axes, (title, values) in zip(several, shown.items(), strict=False):
        if values.ndim == 2 and lowest < 0:
            image = axes.imshow(values, cmap="PuOr", vmin=-most, vmax=most, interpolation="nearest")
        elif values.ndim == 2:
            image = axes.imshow(values, cmap="cividis", vmin=0, vmax=most, interpolation="nearest")
        else:
            axes.imshow(values)
        axes.set_title(title, fontsize=9)
    for axes in several:
        axes.axis("off")
    assert image is not None
    figure.colorbar(image, ax=several, label=unit, pad=0.02, shrink=0.8)
    return figure


def layers(names: Sequence[str], bars: Mapping[str, Sequence[float]]) -> Picture:
    """Return the layers of a network from first to last, with a panel of bars for each thing that is counted.

    Parameters
    ----------
    names : of the layers
    bars : a number for each layer, by what is counted
    """
    figure, several = row_of_axes(len(bars), WIDE, 0.8 + 0.28 * len(names), share_y=True)
    for number, (axes, (title, values)) in enumerate(zip(several, bars.items(), strict=True)):
        axes.barh(range(len(names)), values, color=(BLUE, ORANGE)[number % 2])
        for i, value in enumerate(values):
            axes.text(value, i, f" {value:,.0f}", va="center", fontsize=8)
        axes.margins(x=0.2)
        axes.set_xlabel(title)
    several[0].set_yticks(range(len(names)), names)
    several[0].invert_yaxis()
    return figure
