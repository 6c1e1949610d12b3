"""A recurrent network drawn once for each time step, with what flows forward and what flows back."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from mrnn_np.plots.style import BLUE, GREEN, GREY, INK, ORANGE, Picture, canvas

_W, _H = 1.15, 0.62
"""Width and height of a box, in units of the canvas."""


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
