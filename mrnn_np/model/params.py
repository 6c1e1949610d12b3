"""All parameters of a model as one flat vector `theta`, with a named view into it for every matrix.

SGD, L2, norms and checkpoints then are one line each, and a gradient is simply another `Params` of the same layout.
"""

import math
from collections.abc import Iterator

from mrnn_np.backend import Array, get_xp

Layout = dict[str, tuple[int, ...]]


def layout_size(layout: Layout) -> int:
    """How many numbers a layout holds."""
    return sum(math.prod(shape) for shape in layout.values())


class Params:
    """A flat vector and its named views.

    Parameters
    ----------
    layout : {symbol: shape}; the order is the order in `theta`
    theta : (sum of sizes,) float; the views share its memory, so writing into either writes into both
    """

    def __init__(self, layout: Layout, theta: Array) -> None:
        if len(theta) != layout_size(layout):
            raise ValueError(f"theta holds {len(theta)} numbers, the layout {layout_size(layout)}")
        self.layout = layout
        self.theta = theta
        self._views: dict[str, Array] = {}
        start = 0
        for name, shape in layout.items():
            end = start + math.prod(shape)
            self._views[name] = theta[start:end].reshape(shape)
            start = end

    def __getitem__(self, name: str) -> Array:
        """The matrix or vector of that symbol: a view, never a copy."""
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        """The symbols, in order."""
        return iter(self.layout)

    def with_theta(self, theta: Array) -> "Params":
        """The same layout over another vector: another dtype, another device, a gradient."""
        return Params(self.layout, theta)

    def gather(self, values: dict[str, Array]) -> "Params":
        """Copy {symbol: array}, one for every symbol, into one new flat vector of the same layout."""
        gathered = self.with_theta(get_xp(self.theta).empty_like(self.theta))
        for name in self.layout:
            gathered[name][...] = values[name]
        return gathered
