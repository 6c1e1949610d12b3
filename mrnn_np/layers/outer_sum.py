"""The gradient of a matrix,  dW = sum over rows n of dz(n) x(n)^T = dz^T x,  now or later.

Wherever z = W x, the gradient of W is a sum over all rows of outer products.  All else in a forward and a backward goes
along the rows of a sentence and needs no other one.  So several threads share the work without waiting for one another:
each goes through some of the sentences, and keeps dz and x; then each makes some rows of every dW, from all sentences.
No number is added twice, and no thread has a gradient of its own.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from mrnn_np.backend import Array, get_xp


def outer_sum(dz: Array, x: Array) -> Any:
    """dz^T x, the sum of dz(n) x(n)^T over all rows n.

    Parameters
    ----------
    dz : (N, d_z) float
    x : (N, d_x) float

    Returns
    -------
    (d_z, d_x) float, or a `Later` of it inside `sums_later`; 2 N d_z d_x flops
    """
    return Later(lambda rows: dz[:, rows].T @ x) if _later.get() else dz.T @ x


def picked_sum(sums: Array, words: Array, E: Array) -> Any:
    """The gradient of a table whose rows were picked: zeros like E, (M, d), but `sums`, (U, d), in the rows `words`.

    Inside `sums_later`, a `Later` of it; `words` are on the host then, and ascend.
    """
    xp = get_xp(sums)

    def of(rows: slice) -> Array:
        dE = xp.zeros_like(E[rows])
        if len(dE) == len(E):
            dE[words] = sums
        else:
            first, end = words.searchsorted((rows.start, rows.stop))
            dE[words[first:end] - rows.start] = sums[first:end]
        return dE

    return Later(of) if _later.get() else of(slice(None))


@dataclass(frozen=True)
class Later:
    """A gradient that has not been summed yet, of which any rows can be had.

    Parameters
    ----------
    rows : which rows, a slice with a start and a stop or `slice(None)` -> a new array of these
    """

    rows: Callable[[slice], Array]
    __array_ufunc__ = None  # so that an array + this comes here

    def __add__(self, other: Any) -> "Later":
        """The sum of both, later; `other` may be an array."""
        return Later(lambda rows: self.rows(rows) + rows_of(other, rows))

    __radd__ = __add__


def rows_of(gradient: Any, rows: slice) -> Array:
    """Some rows of a gradient, be it an array or a `Later`."""
    return gradient.rows(rows) if isinstance(gradient, Later) else gradient[rows]


@contextlib.contextmanager
def sums_later() -> Iterator[None]:
    """Inside this context the layers' backwards return a `Later` for a sum over rows."""
    token = _later.set(True)
    try:
        yield
    finally:
        _later.reset(token)


_later = ContextVar("sums over rows come later", default=False)
