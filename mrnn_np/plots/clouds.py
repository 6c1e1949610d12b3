"""Many things as points of a plane, coloured by what they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from mrnn_np.plots.style import GREY, SERIES, YELLOW, Picture, row_of_axes

_MARKS = ("o", "s", "^", "D", "v", "P", "X")


def clouds(planes: Mapping[str, Any], groups: Sequence[str], legend: str, axis: str, width: float = 9.6) -> Picture:
    """Return planes side by side with the same things as points, told apart by colour and shape.

    Parameters
    ----------
    planes : (n, 2) by title
    groups : the group of each thing
    legend : what the groups are
    axis : what is along the axes, to which "1" and "2" are added
    """
    figure, several = row_of_axes(len(planes), width, width / len(planes) * 0.75)
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
