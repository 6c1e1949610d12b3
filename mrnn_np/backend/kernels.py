"""The CUDA kernels of `backend/cuda`, each behind a function with the arguments and results of its readable form.

A reader of the layers needs none of this: the readable form stands in the layer, decorated with `on_gpu`.  The kernels
are compiled by CuPy at their first use, once for float32 and once for float64, and kept in CuPy's cache on disk.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mrnn_np.backend.arrays import Array, get_xp

Arrays = tuple[Array, ...]

FILES = ("block", "activations", "softmax", "rows", "descend", "largest", "sort_out", "recurrent")
REAL = {"float32": "float", "float64": "double"}
SENTENCES = 4
"""How many of them a block takes through time, in recurrent.cu."""
NON_LINEARITIES = "relu", "sigmoid", "tanh"
"""Of the recurrent layer, by the numbers that recurrent.cu has for them."""
PART = 4096
"""Numbers of a row among which one block looks for the largest."""
MOST_THREADS = 256
"""Threads of a block that works on one row; eight such blocks fill a multiprocessor."""


def source(dtype: str) -> str:
    """Return the CUDA source of all kernels for that dtype, "float32" or "float64"."""
    folder = Path(__file__).parent / "cuda"
    parts = [(folder / f"{name}.cu").read_text(encoding="utf-8") for name in FILES]
    return "\n".join([f"typedef {REAL[dtype]} real;", f"#define SENTENCES {SENTENCES}", *parts])


@cache
def _function(xp: Any, dtype: str, name: str) -> Any:
    """Return a compiled kernel."""
    return _module(xp, dtype).get_function(name)


@cache
def _module(xp: Any, dtype: str) -> Any:
    return xp.RawModule(code=source(dtype))


def _launch(name: str, like: Array, blocks: tuple[int, ...], threads: int, *args: Any) -> None:
    """Queue a kernel of the dtype of `like`; its arguments have the exact types of the source, CUDA converts none."""
    _function(get_xp(like), like.dtype.name, name)(blocks, (threads,), args)


def _element_wise(name: str, *args: Any) -> None:
    """Queue a kernel that gives each element of the first argument a thread."""
    n = args[0].size
    _launch(name, args[0], (-(-n // MOST_THREADS),), MOST_THREADS, *args, np.uint64(n))


def _threads(width: int) -> int:
    """Return how many threads share a row: whole warps, no more than have something to do."""
    return min(MOST_THREADS, -(-width // 32) * 32)


def _int32(x: Array) -> Array:
    return x.astype(np.int32, copy=False)


def g2(z: Array) -> Array:
    """See `layers.activations.g2`."""
    m = get_xp(z).empty_like(z)
    _element_wise("g2", z, m)
    return m


def times_slope(dy: Array, y: Array, f: Any) -> Array:
    """See `layers.activations.times_slope`; only g2 has a kernel of its own."""
    if f.name != "scaled-tanh":
        slope: Array = f.slope(y)
        return dy * slope
    dz = get_xp(y).empty_like(y)
    _element_wise("g2_backward", dy, y, dz)
    return dz


def forward_through_time(w: Array, U_r: Array, sizes: Sequence[int], f: Any) -> tuple[Array, Array]:
    """See `layers.recurrent.forward_through_time`."""
    xp = get_xp(w)
    r, r_before = xp.empty_like(w), xp.empty_like(w)
    _through_time("forward_through_time", sizes, f, (w, xp.ascontiguousarray(U_r.T)), (r, r_before))
    return r, r_before


def back_through_time(dr: Array, r: Array, U_r: Array, sizes: Sequence[int], f: Any, bptt: int) -> Array:
    """See `layers.recurrent.back_through_time`."""
    dz = get_xp(dr).empty_like(dr)
    _through_time("back_through_time", sizes, f, (dr, r, U_r), (dz,), np.int32(bptt))
    return dz


def _through_time(name: str, sizes: Sequence[int], f: Any, given: Arrays, made: Arrays, *more: np.int32) -> None:
    like, T = given[0], len(sizes)
    starts = getattr(sizes, "starts", None)
    if starts is None:  # of a batch that was not moved as a whole
        starts = get_xp(like).asarray(starts_of(sizes))
    blocks, d = -(-sizes[0] // SENTENCES), like.shape[1]
    numbers = np.int32(d), np.int32(T), np.int32(NON_LINEARITIES.index(f.name))
    _launch(name, like, (blocks,), _threads(d), *given, starts, *made, *numbers, *more)


def starts_of(sizes: Sequence[int]) -> Array:
    """The first row of each time step of a packed batch, and N: int32 (T + 1,), on the host."""
    return np.cumsum([0, *sizes], dtype=np.int32)


def softmax_cost(scores: Array, targets: Array) -> tuple[Array, Array]:
    """See `layers.softmax.softmax_cost`."""
    rows, M = scores.shape
    bits = get_xp(scores).empty(rows, scores.dtype)
    _launch("softmax_cost", scores, (rows,), _threads(M), scores, _int32(targets), bits, np.int32(M))
    return bits, scores


def scores_to_log2(scores: Array) -> Array:
    """See `layers.softmax.scores_to_log2`."""
    rows, M = scores.shape
    _launch("scores_to_log2", scores, (rows,), _threads(M), scores, np.int32(M))
    return scores


def sum_rows(rows: Array, labels: Array, distinct: Array) -> Array:
    """See `layers.embedding.sum_rows`."""
    count, width = rows.shape
    sums = get_xp(rows).empty((len(distinct), width), rows.dtype)
    blocks = len(distinct), -(-width // 32)
    shape = np.int32(count), np.int32(width)
    _launch("sum_rows", rows, blocks, _threads(count), rows, _int32(labels), _int32(distinct), sums, *shape)
    return sums


def descend(
    theta: Array, g: Array, velocity: Array, scale: Array | None, lr: float, l2: float, momentum: float
) -> None:
    """See `training.sgd.descend`."""
    real = theta.dtype.type
    scale = get_xp(theta).ones((), theta.dtype) if scale is None else scale
    _element_wise("descend", theta, g, velocity, scale, real(lr), real(l2), real(momentum))


def largest(scores: Array, count: int) -> tuple[Array, Array]:
    """See `captioning.largest.largest`."""
    M = scores.shape[1]
    if M <= 2 * PART or count > PART // 4:
        return _largest(scores, count, M)
    # Of each part of a row first, so that one row is not the work of one block.
    values, columns = _largest(scores, count, PART)
    return _largest(values, count, values.shape[1], columns)


def _largest(scores: Array, count: int, width: int, names: Array | None = None) -> tuple[Array, Array]:
    """The `count` largest of each `width` columns of a row, side by side, and their columns or the `names` of those."""
    xp, (rows, M) = get_xp(scores), scores.shape
    parts = -(-M // width)
    values, columns = xp.empty((rows, parts * count), scores.dtype), xp.empty((rows, parts * count), np.int32)
    named = names is not None
    shape = np.int32(M), np.int32(width), np.int32(count), np.int32(named)
    blocks = rows, parts
    _launch("largest", scores, blocks, _threads(width), scores, names if named else columns, values, columns, *shape)
    return values, columns


def sort_out(best: Array, ways: Array, found: Array, M: int, height: int, end: int) -> tuple[Array, Array]:
    """See `captioning.beam.sort_out`."""
    xp, (images, C), K = get_xp(best), best.shape, found.shape[2]
    rows, ids = xp.empty((images, K), np.int32), xp.empty((images, K), np.int32)
    numbers = (np.int32(number) for number in (C, K, M, height, end))
    _launch("sort_out", best, (images,), 32, best, _int32(ways), found, rows, ids, *numbers)
    return rows, ids
