"""Max pooling: the largest number of each window, channel by channel.  There is nothing to learn and no padding."""

from typing import Any

from mrnn_np.backend import Array, get_xp
from mrnn_np.vision.windows import output_size, taps


def max_pool_forward(x: Array, kernel: int, stride: int) -> tuple[Array, tuple[Any, ...]]:
    """Pool pictures `x` (N, H, W, C) to y (N, H', W', C), the maximum of every kernel x kernel window."""
    xp = get_xp(x)
    y = None
    for _, _, pixels in taps(x, kernel, stride, slice(0, output_size(x.shape[1], kernel, stride))):
        y = pixels.copy() if y is None else xp.maximum(y, pixels, out=y)
    return y, (x, y, kernel, stride)


def max_pool_backward(dy: Array, cache: tuple[Any, ...]) -> Array:
    """Give each window's gradient to its largest pixel; among equals to the first, row by row."""
    x, y, kernel, stride = cache
    xp = get_xp(dy)
    dx, every_row = xp.zeros_like(x), slice(0, dy.shape[1])
    given = xp.zeros(y.shape, bool)
    sources, targets = taps(x, kernel, stride, every_row), taps(dx, kernel, stride, every_row)
    for (_, _, pixels), (_, _, d_pixels) in zip(sources, targets, strict=True):
        here = (pixels == y) & ~given
        d_pixels += dy * here
        given |= here
    return dx
