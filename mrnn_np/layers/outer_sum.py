"""The gradient of a matrix,  dW = sum over rows n of dz(n) x(n)^T = dz^T x,  and of a bias,  db = sum of all dz(n),
now or later.

Wherever z = W x + b, the gradients of W and b are sums over all rows.  All else in a forward and a backward goes along
the rows of a sentence and needs no other one.  So several threads share the work without waiting for one another: each
goes through some of the sentences, and keeps dz and x; then each makes some rows of every dW, from all sentences.  No
number is added twice, and no thread has a gradient of its own.

On a GPU, what comes later is written at once where it belongs in one vector of all gradients.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

from mrnn_np.backend import Array, get_xp, kernels, on_gpu


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
    if not _later.get():
        return dz.T @ x
    return Later(dz, lambda rows, out: get_xp(dz).matmul(dz[:, rows].T, x, out=out))


def row_sum(dz: Array) -> Any:
    """The sum of dz(n), (d_z,), over all rows n of (N, d_z); a `Later` of it on a GPU inside `sums_later`.

    On a CPU it is made at once, while dz is in the cache.
    """
    if get_xp(dz) is np or not _later.get():
        return dz.sum(axis=0)
    return Later(dz, lambda rows, out: dz[:, rows].sum(axis=0, out=out))


def scaled_row_sum(dz: Array, scale: Array) -> Any:
    """The same of scale(n) dz(n), with `scale` (N, 1), as a product."""
    if get_xp(dz) is np or not _later.get():
        return (dz.T @ scale)[:, 0]

    def of(rows: slice, out: Array | None) -> Array:
        column = None if out is None else out[:, None]
        db: Array = get_xp(dz).matmul(dz[:, rows].T, scale, out=column)[:, 0]
        return db

    return Later(dz, of)


def picked_sum(sums: Array, words: Array, E: Array) -> Any:
    """The gradient of a table whose rows were picked: zeros like E, (M, d), but `sums`, (U, d), in the rows `words`.

    Inside `sums_later`, a `Later` of it; `words` ascend, and where not all rows are asked for, they are on the host.
    """

    def of(rows: slice, out: Array | None) -> Array:
        dE = get_xp(sums).empty_like(E[rows]) if out is None else out
        if len(dE) == len(E):
            put_rows(dE, words, sums)
        else:
            first, end = words.searchsorted((rows.start, rows.stop))
            put_rows(dE, words[first:end] - rows.start, sums[first:end])
        return dE

    return Later(sums, of) if _later.get() else of(slice(None), None)


@on_gpu(kernels.put_rows)
def put_rows(table: Array, which: Array, rows: Array) -> None:
    """Write `rows` (U, d) into the rows `which`, (U,), of a table (M, d), and 0 into all others; `which` ascends."""
    table.fill(0)
    table[which] = rows


@dataclass(frozen=True)
class Later:
    """A gradient that has not been summed yet, of which any rows can be had.

    Parameters
    ----------
    like : some array of its dtype on its device
    make : which rows, a slice with a start and a stop or `slice(None)`, and an array for them or None for a new one
        -> that array, written
    """

    like: Array
    make: Callable[[slice, Array | None], Array]
    __array_ufunc__ = None  # so that an array + this comes here

    def __add__(self, other: Any) -> "Later":
        """The sum of both, later; `other` may be an array."""

        def of(rows: slice, out: Array | None) -> Array:
            total = self.make(rows, out)
            total += rows_of(other, rows)
            return total

        return Later(self.like, of)

    __radd__ = __add__


def like_of(gradient: Any) -> Array:
    """An array of the dtype of a gradient, on its device."""
    like: Array = gradient.like if isinstance(gradient, Later) else gradient
    return like


def rows_of(gradient: Any, rows: slice, out: Array | None = None) -> Array:
    """Some rows of a gradient, be it an array or a `Later`; written to `out` where it is given."""
    if isinstance(gradient, Later):
        return gradient.make(rows, out)
    some: Array = gradient[rows]
    if out is None:
        return some
    out[...] = some
    return out


@contextlib.contextmanager
def sums_later() -> Iterator[None]:
    """Inside this context the layers' backwards return a `Later` for a sum over rows."""
    token = _later.set(True)
    try:
        yield
    finally:
        _later.reset(token)


_later = ContextVar("sums over rows come later", default=False)
