"""Sentences of different lengths in one batch: the padded rectangle and the packed staircase."""

from collections.abc import Collection, Mapping, Sequence

from matplotlib.patches import Rectangle

from mrnn_np.plots.style import BLUE, GREY, INK, ORANGE, PALE, SERIES, Picture, canvas, picture


def staircase(words: Sequence[str], sizes: Sequence[int], padded: bool = False, numbers: bool = True) -> Picture:
    """Return a packed batch as it stands on paper: a row for each sentence, a column for each time step.

    Parameters
    ----------
    words : the N words of the batch, in packed order
    sizes : how many sentences have a word number t, for each t; they never grow and add up to N
    padded : also draw the cells that padding would fill
    numbers : write each word's place in packed order into its cell
    """
    B, T, cell = sizes[0], len(sizes), 0.62
    figure, axes = canvas(1.0 + 0.95 * T, 0.8 + 0.52 * B, 1.3 + T / cell, B + 0.9)
    place = 0
    for t, size in enumerate(sizes):
        x = 1.3 + t / cell
        axes.text(x + 0.5 / cell, 0.55, f"t = {t + 1}", ha="center", fontsize=9, color=GREY)
        for j in range(B):
            if j >= size and not padded:
                break
            alive = j < size
            face = _tint(SERIES[t % 5]) if alive else PALE
            axes.add_patch(Rectangle((x, j + 0.8), 1 / cell, 1, facecolor=face, edgecolor="white", linewidth=2))
            text = words[place] if alive else "padding"
            axes.text(
                x + 0.5 / cell, j + 1.36, text, ha="center", va="center", fontsize=9, color=INK if alive else GREY
            )
            if alive and numbers:
                axes.text(x + 0.09, j + 1.0, f"{place}", ha="left", va="center", fontsize=6.5, color=GREY)
            place += alive
    for j in range(B):
        axes.text(1.15, j + 1.3, f"sentence {j}", ha="right", va="center", fontsize=9, color=GREY)
    axes.set_xlim(-0.6, 1.3 + T / cell)
    return figure


def _tint(colour: str) -> tuple[float, float, float]:
    """Return the colour mixed with white, so that black letters stand out on it."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return (0.62 + 0.38 * red, 0.62 + 0.38 * green, 0.62 + 0.38 * blue)


def word_frequencies(counts: Sequence[int], min_count: int) -> Picture:
    """Return how often the words of a text occur, the most frequent first, and where `min_count` cuts.

    Both axes are logarithmic: each step down is a tenth as many.
    """
    figure, axes = picture(6.4, 3.4)
    ranked = sorted(counts, reverse=True)
    axes.plot(range(1, len(ranked) + 1), ranked, "o", markersize=2.5)
    axes.axhline(min_count, color=ORANGE, linewidth=1, linestyle="--")
    axes.text(1, min_count * 1.25, f"minimum count {min_count}", color=ORANGE, fontsize=9)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("rank of the word (1 is the most frequent)")
    axes.set_ylabel("occurrences in the captions")
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
