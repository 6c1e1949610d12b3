"""One look for every picture: colour-blind safe colours, quiet axes, no pyplot, so no window and nothing global."""

import io
from typing import BinaryIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

# The colours of Okabe and Ito, which colour-blind people can tell apart.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
SKY, YELLOW, PINK = "#56B4E9", "#F0E442", "#CC79A7"
INK, GREY, PALE = "#222222", "#666666", "#E4E4E4"
SERIES = (BLUE, ORANGE, GREEN, PINK, SKY, GREY)
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
"""The order in which lines of a plot take their colours and dashes."""

DPI = 100
WIDE = 9.6
"""Inches, as wide as a notebook shows a picture."""


class Picture(Figure):
    """A figure that a notebook shows as it is, in 256 colours, which makes the notebook's file a third of the size."""

    def _repr_png_(self) -> bytes:
        whole, small = io.BytesIO(), io.BytesIO()
        self.write(whole)
        image = Image.open(whole, formats=("PNG",)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        image.save(small, format="png", optimize=True)
        return small.getvalue()

    def write(self, file: BinaryIO) -> None:
        """Write the picture into `file` as a PNG; the same figure gives the same bytes."""
        self.savefig(file, format="png", dpi=DPI, metadata={"Software": None})


def picture(width: float = 6.4, height: float = 3.6) -> tuple[Picture, Axes]:
    """Return a picture of that size, in inches, and its axes."""
    figure = Picture(figsize=(width, height), layout="constrained")
    return figure, quiet(figure.subplots())


def row_of_axes(
    count: int, width: float = WIDE, height: float = 3.4, share_y: bool = False
) -> tuple[Picture, list[Axes]]:
    """Return a picture of `count` axes side by side."""
    figure = Picture(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, count, sharey=share_y, squeeze=False)[0]
    return figure, [quiet(one) for one in axes]


def quiet(axes: Axes) -> Axes:
    """Take away the lines above and to the right of a plot."""
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def canvas(width: float, height: float, columns: float, rows: float) -> tuple[Picture, Axes]:
    """Return a picture without axes to draw on, `columns` by `rows` units, the origin at the top left."""
    figure = Picture(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure, axes
