"""Who is busy when."""

from collections.abc import Mapping, Sequence

from mrnn_np.plots.style import BLUE, ORANGE, Picture, row_of_axes

Busy = Mapping[str, Sequence[tuple[float, float]]]


def timelines(panels: Mapping[str, Busy], unit: str, width: float = 9.6) -> Picture:
    """Return, for each panel, a row for each worker with a block wherever it is busy, all on one time axis.

    Parameters
    ----------
    panels : by title, (start, end) of each piece of work, by worker
    unit : of time
    """
    figure, several = row_of_axes(len(panels), width, 2.2, share_y=True)
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
