"""Sliding windows over pictures: what convolution and pooling share.

Pictures are (N, H, W, C) everywhere: number of pictures, rows, columns, channels.  With the channels last, a window's
row is one run of memory, a 1 x 1 convolution is a plain matrix product, and what works channel by channel works on
neighbouring numbers: on a CPU two to three times faster than (N, C, H, W).
"""

from collections.abc import Iterator
from typing import Literal

from mrnn_np.backend import Array, get_xp

Padding = int | Literal["same"]
"""Zeros around a picture: so many on each side, or as many as make the output as large as the input / stride."""


def margins(size: int, kernel: int, stride: int, padding: Padding) -> tuple[int, int]:
    """Return how many zeros go before and after `size` pixels; "same" puts the odd one after, as TensorFlow does."""
    if padding != "same":
        return padding, padding
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def output_size(size: int, kernel: int, stride: int, padding: Padding = 0) -> int:
    """Return how many windows fit along one axis of `size` pixels."""
    return (size + sum(margins(size, kernel, stride, padding)) - kernel) // stride + 1


def pad(x: Array, kernel: int, stride: int, padding: Padding) -> Array:
    """Return the pictures `x` (N, H, W, C) with their margins of zeros; `x` itself when there are none."""
    rows = margins(x.shape[1], kernel, stride, padding)
    columns = margins(x.shape[2], kernel, stride, padding)
    return get_xp(x).pad(x, ((0, 0), rows, columns, (0, 0))) if any(rows + columns) else x


def pad_rows(x: Array, rows: slice, kernel: int, stride: int, padding: Padding) -> Array:
    """Return what the windows of the output rows `rows` see of the pictures `x` (N, H, W, C) when they are padded."""
    N, H, W, C = x.shape
    (top, _), (left, right) = margins(H, kernel, stride, padding), margins(W, kernel, stride, padding)
    first, last = rows.start * stride - top, (rows.stop - 1) * stride - top + kernel
    begin, end = (min(max(row, 0), H) for row in (first, last))
    seen = get_xp(x).empty((N, last - first, left + W + right, C), x.dtype)
    seen[:, : begin - first] = seen[:, end - first :] = seen[:, :, :left] = seen[:, :, left + W :] = 0
    seen[:, begin - first : end - first, left : left + W] = x[:, begin:end]
    return seen


def crop(x: Array, height: int, width: int, kernel: int, stride: int, padding: Padding) -> Array:
    """Undo `pad`: return the part of `x` that held the H x W pictures, as a view."""
    top, _ = margins(height, kernel, stride, padding)
    left, _ = margins(width, kernel, stride, padding)
    return x[:, top : top + height, left : left + width]


def all_windows(x: Array, kernel: int, stride: int) -> Array:
    """Return every kernel x kernel window of padded pictures, [N, H', W', kernel, kernel, C], as a view."""
    view = get_xp(x).lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(1, 2))
    return view[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)


def runs_of_windows(x: Array, kernel: int, stride: int, run: int) -> Array:
    """Return the windows of padded pictures, [N, H', W' / run, kernel, kernel, run C], as a view: `run` side by side.

    With stride 1, the pixels (i, j) of windows side by side are one run of memory, longer than the channels of one,
    which are few in the first layers.
    """
    (N, H, W, C), (picture, row, column, channel) = x.shape, x.strides
    return get_xp(x).lib.stride_tricks.as_strided(
        x,
        (N, output_size(H, kernel, stride), output_size(W, kernel, stride) // run, kernel, kernel, run * C),
        (picture, stride * row, run * stride * column, row, column, channel),
    )


def taps(x: Array, kernel: int, stride: int, rows: slice) -> Iterator[tuple[int, int, Array]]:
    """Yield i, j and the pixel (i, j) of every window of the output rows `rows`, as a view [N, rows, W', C] of `x`.

    Where `all_windows` gathers windows for one product, this does the work of a window in kernel^2 steps, each on all
    windows at once.  The views may be written to.
    """
    width = output_size(x.shape[2], kernel, stride)
    for i in range(kernel):
        first, last = rows.start * stride + i, (rows.stop - 1) * stride + i
        for j in range(kernel):
            yield i, j, x[:, first : last + 1 : stride, j : j + (width - 1) * stride + 1 : stride]


def blocks(pictures: int, rows: int, row_bytes: int, block_bytes: int) -> Iterator[tuple[slice, slice]]:
    """Cut `pictures` x `rows` of output into blocks (pictures, rows) of at most `block_bytes`, or of one row.

    A block is some whole pictures, or some rows of one picture: either is one run of memory in the output.  `row_bytes`
    is the memory that one output row of one picture needs while it is worked on.
    """
    at_once = max(1, block_bytes // row_bytes)
    step = max(1, at_once // rows)
    for first in range(0, pictures, step):
        some = slice(first, min(first + step, pictures))
        for row in range(0, rows, at_once):
            yield some, slice(row, min(row + at_once, rows))
