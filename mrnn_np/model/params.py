"""All parameters of a model as one flat vector `theta`, with a named view into it for every matrix.

L2, norms and checkpoints then are one line each.  A gradient has the same symbols, each in an array of its own.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mrnn_np.backend import Array, get_xp
from mrnn_np.backend.blocks import BLOCK, row_blocks
from mrnn_np.backend.threads import spread
from mrnn_np.layers.outer_sum import like_of, rows_of

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

    def split(self, first: Layout) -> list["Params"]:
        """The parameters of a layout that stands first, and the others, where there are any: views, never copies."""
        n, others = layout_size(first), {name: shape for name, shape in self.layout.items() if name not in first}
        return [Params(first, self.theta[:n]), *([Params(others, self.theta[n:])] if others else [])]

    def and_others(self, arrays: Mapping[str, Array]) -> "Params":
        """These parameters and, behind them, those of another network, in a new vector."""
        layout = self.layout | {name: array.shape for name, array in arrays.items()}
        parts = [self.theta, *(array.reshape(-1) for array in arrays.values())]
        return Params(layout, get_xp(self.theta).concatenate(parts))

    def with_theta(self, theta: Array) -> "Params":
        """The same layout over another vector: another dtype, another device, the velocity."""
        return Params(self.layout, theta)


@dataclass(frozen=True)
class Gradient:
    """What the layers' backwards returned for each parameter, in their own arrays: the largest are never copied.

    Within a training they may be a `mrnn_np.layers.outer_sum.Later` of one, which SGD makes a few rows at a time.
    """

    layout: Layout
    arrays: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        """The gradient of the parameter of that symbol."""
        return self.arrays[name]

    def __iter__(self) -> Iterator[str]:
        """The symbols, in the order of the layout."""
        return iter(self.layout)

    def __add__(self, other: "Gradient") -> "Gradient":
        """The sum of both."""
        return Gradient(self.layout, {symbol: self[symbol] + other[symbol] for symbol in self})

    @property
    def theta(self) -> Array:
        """All of it in one new flat vector, laid out as the parameters' `theta`."""
        # Not `concatenate`, for which CuPy uploads a list of addresses.
        theta = get_xp(self.like).empty(layout_size(self.layout), self.like.dtype)
        self.write_to(theta)
        return theta

    @property
    def like(self) -> Array:
        """An array of its dtype on its device."""
        return like_of(self[next(iter(self))])

    def write_to(self, theta: Array) -> None:
        """Write all of it into a flat vector, laid out as the parameters' `theta`."""
        flat = Params(self.layout, theta)

        def write(symbol: str, rows: slice) -> None:
            rows_of(self[symbol], rows, out=flat[symbol][rows])

        spread(write, *zip(*slices_of(flat), strict=True))


def slices_of(params: Params) -> Iterator[tuple[str, slice]]:
    """All rows of all parameters in slices that fit into the cache, symbol by symbol; on a GPU each parameter is one.

    A product of few rows is slow, so that a slice has at least 128 of them.
    """
    for symbol in params:
        matrix = params[symbol]
        yield from ((symbol, rows) for rows in row_blocks(matrix, max(BLOCK, 128 * matrix.size // max(1, len(matrix)))))
