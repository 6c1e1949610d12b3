"""All parameters of a model as one flat vector `theta`, with a named view into it for every matrix.

L2, norms and checkpoints then are one line each.  A gradient has the same symbols, each in an array of its own.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

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
        """The same layout over another vector: another dtype, another device, the velocity."""
        return Params(self.layout, theta)


@dataclass(frozen=True)
class Gradient:
    """What the layers' backwards returned for each parameter, in their own arrays: the largest are never copied."""

    layout: Layout
    arrays: dict[str, Array]

    def __getitem__(self, name: str) -> Array:
        """The gradient of the parameter of that symbol."""
        return self.arrays[name]

    def __iter__(self) -> Iterator[str]:
        """The symbols, in the order of the layout."""
        return iter(self.layout)

    @property
    def theta(self) -> Array:
        """All of it in one new flat vector, laid out as the parameters' `theta`."""
        some = self.arrays[next(iter(self))]
        # Not `concatenate`, for which CuPy uploads a list of addresses.
        theta = get_xp(some).empty(layout_size(self.layout), some.dtype)
        self.write_into(theta)
        return theta

    def write_into(self, theta: Array) -> None:
        """Copy all of it into a flat vector, laid out as the parameters' `theta`."""
        flat = Params(self.layout, theta)
        for symbol in self:
            flat[symbol][...] = self[symbol]
