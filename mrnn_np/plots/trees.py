"""How a sentence is chosen: the likeliest words at each step, and the beginnings that a beam search kept."""

from collections.abc import Collection, Mapping, Sequence

from matplotlib.patches import Rectangle

from mrnn_np.plots.style import BLUE, GREY, INK, ORANGE, Picture, canvas

Words = tuple[str, ...]


def choices(steps: Sequence[Sequence[tuple[str, float]]], chosen: Sequence[str], width: float = 9.6) -> Picture:
    """Return the likeliest next words of each step as a column, the darker the likelier, the chosen one framed.

    Parameters
    ----------
    steps : for each time step pairs of a word and its probability, the likeliest first
    chosen : the word that was taken at each step
    """
    T, rows = len(steps), max(map(len, steps))
    figure, axes = canvas(width, 0.5 + 0.46 * rows, 2.2 * T, rows + 0.8)
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


def beam_tree(
    kept: Mapping[Words, float], finished: Collection[Words], best: Words, width: float = 9.6, row: float = 0.24
) -> Picture:
    """Return the beginnings that a beam search kept as a tree, one step to the right for each word.

    Parameters
    ----------
    kept : log2 P of every beginning that was alive at some time, and of the finished sentences, by its words
    finished : those of `kept` that ended
    best : the one of them that won, drawn in a second colour
    width, row : of the picture, and the height of a branch, in inches
    """
    children: dict[Words, list[Words]] = {}
    for words in kept:
        children.setdefault(words[:-1], []).append(words)
    height_of: dict[Words, float] = {}
    leaves = _place((), children, height_of, 0.0)
    depth = max(map(len, kept))
    figure, axes = canvas(width, row * leaves + 0.3, depth + 1.9, leaves)
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
