"""Speeds beside each other, and how a cost grows."""

from collections.abc import Mapping, Sequence

from mrnn_np.plots.style import BLUE, GREY, INK, ORANGE, WIDE, Picture, row_of_axes


def speed_ratios(
    works: Mapping[str, Mapping[str, tuple[float, float, float]]], ours: str = "numpy", width: float = 3.2
) -> Picture:
    """Return a panel for each kind of work, with a bar for each variant's speed, relative to `ours`.

    Parameters
    ----------
    works : by title, (median, lowest, highest) ratio of speeds by variant; the last two are drawn as a line
    ours : the variant whose bar stands out
    width : of a panel, in inches
    """
    tallest = max(map(len, works.values()))
    figure, several = row_of_axes(len(works), width * max(len(works), 2), 0.9 + 0.4 * tallest)
    for axes, (title, variants) in zip(several, works.items(), strict=True):
        for place, (variant, (median, lowest, highest)) in enumerate(variants.items()):
            axes.barh(place, median, 0.65, color=ORANGE if variant == ours else BLUE)
            axes.plot([lowest, highest], [place, place], color=INK, linewidth=1)
            axes.text(0.02, place, f"{median:.2f}", va="center", fontsize=8, color="white")
        axes.set_yticks(range(len(variants)), list(variants), fontsize=9)
        axes.set_ylim(tallest - 0.5, -0.5)
        axes.axvline(1, color=GREY, linewidth=0.8, linestyle=":")
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(f"speed, {ours} = 1")
    return figure


def speed_over_threads(works: Mapping[str, Mapping[str, Sequence[tuple[int, float]]]], ours: str = "numpy") -> Picture:
    """Return a panel for each kind of work, with a line for each variant.

    Parameters
    ----------
    works : by title, (threads, what is done a second) of each variant, by its name
    ours : the variant whose line stands out
    """
    figure, several = row_of_axes(len(works), 4.2 * len(works), 3.2)
    for axes, (title, variants) in zip(several, works.items(), strict=True):
        for (variant, points), style in zip(variants.items(), ("-", "--", ":", "-."), strict=False):
            colour = ORANGE if variant == ours else GREY if variant == "products" else BLUE
            axes.plot(*zip(*points, strict=True), style, marker="o", color=colour, markersize=4, label=variant)
        counts = [threads for threads, _ in points]
        axes.set_xticks(counts, [str(count) for count in counts])
        axes.set_ylim(0)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("threads")
        axes.legend(fontsize=8, frameon=False)
    several[0].set_ylabel("per second")
    return figure


def cost_growth(axes_points: Mapping[str, Sequence[tuple[float, float]]], y_label: str) -> Picture:
    """Return a panel for each axis, with both scales logarithmic.

    Parameters
    ----------
    axes_points : by what grows, (value, cost) of each point
    y_label : what the costs are, with their unit
    """
    figure, several = row_of_axes(len(axes_points), WIDE, 3.2, share_y=True)
    for axes, (label, points) in zip(several, axes_points.items(), strict=True):
        axes.plot(*zip(*points, strict=True), "o-", color=BLUE, markersize=4)
        axes.set_xscale("log")
        axes.set_yscale("log")
        for value, cost in points:
            axes.annotate(f"{cost:,.0f}", (value, cost), (0, 6), textcoords="offset points", ha="center", fontsize=8)
        axes.set_xticks([value for value, _ in points], [f"{value:,}" for value, _ in points], fontsize=8)
        axes.minorticks_off()
        axes.set_xlabel(label)
        axes.margins(0.1, 0.15)
    several[0].set_ylabel(y_label)
    return figure
