"""Sentences: in a batch, in a network unrolled over time, and how one is chosen word by word."""

from collections.abc import Collection, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from mrnn_np.plots.style import BLUE, GREEN, GREY, INK, ORANGE, PALE, SERIES, WIDE, Picture, canvas, picture

Words = tuple[str, ...]
_W, _H = 1.15, 0.62
"""Width and height of a box of the unrolled network, in units of the canvas."""


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
    figure, axes = canvas(1.0 + 0.8 * T, 0.8 + 0.52 * B, 1.3 + T / cell, B + 0.9)
    place = 0
    for t, size in enumerate(sizes):
        x = 1.3 + t / cell
        axes.text(x + 0.5 / cell, 0.55, f"t = {t + 1}", ha="center", fontsize=10, color=GREY)
        for j in range(B):
            if j >= size and not padded:
                break
            alive = j < size
            face = _tint(SERIES[t % 5]) if alive else PALE
            axes.add_patch(Rectangle((x, j + 0.8), 1 / cell, 1, facecolor=face, edgecolor="white", linewidth=2))
            text = words[place] if alive else "padding"
            axes.text(
                x + 0.5 / cell, j + 1.4, text, ha="center", va="center", fontsize=10, color=INK if alive else GREY
            )
            if alive and numbers:
                axes.text(x + 0.07, j + 1.0, f"{place}", ha="left", va="center", fontsize=8, color=GREY)
            place += alive
    for j in range(B):
        axes.text(1.15, j + 1.4, f"sentence {j}", ha="right", va="center", fontsize=10, color=GREY)
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


def unrolled(
    words: Sequence[str],
    inputs: Sequence[str] = (),
    states: Sequence[str] = (),
    outputs: Sequence[str] = (),
    backward: bool = False,
    shared: str = "U_r",
) -> Picture:
    """Return the recurrence over a sentence: words below, states in the middle, the layers above on top.

    Parameters
    ----------
    words : T words
    inputs, states, outputs : T texts for the boxes, by default w(t), r(t) and what r(t) is used for
    backward : draw the arrows of the gradient instead, from above and from the right
    shared : the name of the matrix that every step from state to state multiplies by
    """
    T = len(words)
    steps = range(1, T + 1)
    inputs = inputs or [f"w({t})" for t in steps]
    states = states or [f"r({t})" for t in steps]
    outputs = outputs or [f"to m({t})" for t in steps]
    figure, axes = canvas(1.35 * T + 1.0, 3.3, 2.0 * T + 1.3, 4.9)
    axes.set_xlim(-0.5, 2.0 * T + 1.0)
    _box(axes, 0.25, 2.3, "r(0) = 0", GREY)
    for t in range(T):
        x = 2.0 * t + 2.25
        axes.text(x, 4.65, words[t], ha="center", va="center", fontsize=10, color=INK)
        _box(axes, x, 3.75, inputs[t], BLUE)
        _box(axes, x, 2.3, states[t], GREEN)
        axes.text(x, 0.55, outputs[t], ha="center", va="center", fontsize=9, color=INK)
        up = ((x, 3.75 - _H / 2), (x, 2.3 + _H / 2))
        out = ((x, 2.3 - _H / 2), (x, 0.85))
        on = ((x - 2.0 + _W / 2, 2.3), (x - _W / 2, 2.3))
        for start, end in (up, out, on):
            _arrow(axes, *((end, start) if backward else (start, end)), ORANGE if backward else INK)
        axes.text(x - 1.0, 2.08, shared + ("ᵀ" if backward else ""), ha="center", fontsize=8, color=GREY)
    return figure


def _box(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    patch = FancyBboxPatch(
        (x - _W / 2, y - _H / 2), _W, _H, boxstyle="round,pad=0,rounding_size=0.12", facecolor="white", edgecolor=colour
    )
    patch.set_linewidth(1.6)
    axes.add_patch(patch)
    axes.text(x, y, text, ha="center", va="center", fontsize=8.5, color=INK)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "shrinkB": 0})


def choices(steps: Sequence[Sequence[tuple[str, float]]], chosen: Sequence[str]) -> Picture:
    """Return the likeliest next words of each step as a column, the darker the likelier, the chosen one framed.

    Parameters
    ----------
    steps : for each time step pairs of a word and its probability, the likeliest first
    chosen : the word that was taken at each step
    """
    T, rows = len(steps), max(map(len, steps))
    figure, axes = canvas(WIDE, 0.5 + 0.46 * rows, 2.2 * T, rows + 0.8)
    axes.set_aspect("auto")
    for t, (words, taken) in enumerate(zip(steps, chosen, strict=True)):
        axes.text(2.2 * t + 1.05, 0.45, f"t = {t + 1}", ha="center", fontsize=8.5, color=GREY)
        for j, (word, probability) in enumerate(words):
            shade = 1 - 0.6 * probability
            edge = ORANGE if word == taken else "white"
            face = (shade, 0.4 + 0.6 * shade, 0.7 + 0.3 * shade)
            box = Rectangle((2.2 * t + 0.05, j + 0.8), 2.0, 0.92, facecolor=face, edgecolor=edge, linewidth=1.8)
            axes.add_patch(box)
            text = f"{word}\n{probability:.0%}" if probability >= 0.005 else f"{word}\n<1%"
            axes.text(2.2 * t + 1.05, j + 1.28, text, ha="center", va="center", fontsize=8, color=INK)
    return figure


def beam_tree(kept: Mapping[Words, float], finished: Collection[Words], best: Words) -> Picture:
    """Return the beginnings that a beam search kept as a tree, one step to the right for each word.

    Parameters
    ----------
    kept : log2 P of every beginning that was alive at some time, and of the finished sentences, by its words
    finished : those of `kept` that ended
    best : the one of them that won, drawn in a second colour
    """
    children: dict[Words, list[Words]] = {}
    for words in kept:
        children.setdefault(words[:-1], []).append(words)
    height_of: dict[Words, float] = {}
    leaves = _place((), children, height_of, 0.0)
    depth = max(map(len, kept))
    figure, axes = canvas(WIDE, 0.24 * leaves + 0.3, depth + 1.9, leaves)
    axes.set_aspect("auto")
    on_best = {best[:n] for n in range(len(best) + 1)}
    for words in kept:
        x, y, parent = len(words), height_of[words] + 0.5, height_of[words[:-1]] + 0.5
        wins = words in on_best
        colour = ORANGE if wins else BLUE if words in finished else "#BBBBBB"
        axes.plot([x - 1 + 0.02, x - 0.5, x + 0.02], [parent, y, y], color=colour, linewidth=2 if wins else 1, zorder=1)
        dead = words not in finished and words not in children
        axes.text(
            x + 0.02,
            y,
            f"{words[-1]}",
            ha="left",
            va="center",
            fontsize=7.5,
            color=GREY if dead else INK,
            fontweight="bold" if wins else "normal",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
        if dead or words in finished:
            mark = f"{kept[words]:.1f}" if words in finished else "x"
            axes.text(x + 0.98, y, mark, ha="right", va="center", fontsize=7, color=colour if not dead else GREY)
    return figure


def _place(words: Words, children: Mapping[Words, list[Words]], height_of: dict[Words, float], free: float) -> float:
    """Give a beginning and all that follow it their places from `free` on; returns the next free one."""
    first = free
    for child in children.get(words, []):
        free = _place(child, children, height_of, free)
    ends = [height_of[child] for child in children.get(words, [])]
    height_of[words] = (ends[0] + ends[-1]) / 2 if ends else first
    return max(free, first + 1)
