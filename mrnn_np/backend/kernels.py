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
NON_LINEARITIES = "relu", "sigmoid", "tanh", "scaled-tanh"
"""By the numbers that activations.cu has for them."""
PART = 4096
"""Numbers of a row among which one block looks for the largest."""
MOST_THREADS = 256
"""Threads of a block that works on one row; eight such blocks fill a multiprocessor."""
MOST_BLOCKS = 1024
"""That add up a long vector, and as many parts of the sum are left for one block."""


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
    """See `layers.activations.times_slope`; not all that a CNN has are among the kernel's."""
    if f.name not in NON_LINEARITIES:
        slope: Array = f.slope(y)
        return dy * slope
    dz = get_xp(y).empty_like(y)
    _element_wise("times_slope", dy, y, dz, _number(f))
    return dz


def multimodal_output(
    w: Array, r: Array, v: Array, image_of: Array | slice, V_w: Array, V_r: Array, b_m: Array, g: Any
) -> Array:
    """See `layers.multimodal.multimodal_output`."""
    xp, m = get_xp(w), w @ V_w.T
    each = isinstance(image_of, slice)
    rows = xp.empty(1, np.int32) if each else _int32(image_of)
    _element_wise("multimodal_output", m, r @ V_r.T, v, b_m, rows, np.int32(each), np.int32(m.shape[1]), _number(g))
    return m


def _number(f: Any) -> np.int32:
    return np.int32(NON_LINEARITIES.index(f.name))


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
    numbers = np.int32(d), np.int32(T), _number(f)
    _launch(name, like, (blocks,), _threads(d), *given, starts, *made, *numbers, *more)


def starts_of(sizes: Sequence[int]) -> Array:
    """The first row of each time step of a packed batch, and N: int32 (T + 1,), on the host."""
    return np.cumsum([0, *sizes], dtype=np.int32)


def softmax_cost(scores: Array, b_y: Array, targets: Array, bits: Array) -> None:
    """See `layers.softmax.softmax_cost`."""
    rows, M = scores.shape
    _launch("softmax_cost", scores, (rows,), _threads(M), scores, b_y, _int32(targets), bits, np.int32(M))


def scores_to_log2(scores: Array) -> Array:
    """See `layers.softmax.scores_to_log2`."""
    rows, M = scores.shape
    _launch("scores_to_log2", scores, (rows,), _threads(M), scores, np.int32(M))
    return scores


def sum_rows(rows: Array, labels: Array, distinct: Array | range) -> Array:
    """See `layers.embedding.sum_rows`."""
    count, width = rows.shape
    sums = get_xp(rows).empty((len(distinct), width), rows.dtype)
    blocks = len(distinct), -(-width // 32)
    shape = np.int32(count), np.int32(width)
    labels, every = _int32(labels), isinstance(distinct, range)
    names = labels if every else _int32(distinct)
    _launch("sum_rows", rows, blocks, _threads(count), rows, labels, names, np.int32(every), sums, *shape)
    return sums


def put_rows(table: Array, which: Array, rows: Array) -> None:
    """See `layers.outer_sum.put_rows`."""
    _element_wise("put_rows", table, _int32(which), rows, *map(np.int32, rows.shape))


def descend(
    theta: Array, g: Array, velocity: Array, scale: Array | None, lr: float, l2: float, momentum: float
) -> None:
    """See `training.sgd.descend`."""
    real, clipped = theta.dtype.type, np.int32(scale is not None)
    scale = theta if scale is None else scale
    _element_wise("descend", theta, g, velocity, scale, clipped, real(lr), real(l2), real(momentum))


def squares(theta: Array, g: Array, l2: float) -> Array:
    """See `training.sgd.squares`; the sum is left in parts, one of each block."""
    blocks = min(MOST_BLOCKS, -(-theta.size // MOST_THREADS))
    parts = get_xp(theta).empty(blocks, theta.dtype)
    _launch("squares", theta, (blocks,), MOST_THREADS, theta, g, theta.dtype.type(l2), parts, np.uint64(theta.size))
    return parts


def clip_scale(squares: Array, clip: float) -> Array:
    """See `training.sgd.clip_scale`."""
    scale = get_xp(squares).empty((), squares.dtype)
    limit, count = squares.dtype.type(clip), np.int32(squares.size)
    _launch("clip_scale", squares, (1,), _threads(squares.size), squares, limit, scale, count)
    return scale


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
