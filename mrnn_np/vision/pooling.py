"""Pooling: the largest number of each window, or the mean, channel by channel.  Nothing to learn and no padding."""

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


def average_pool_forward(x: Array, kernel: int, stride: int) -> tuple[Array, tuple[Any, ...]]:
    """Pool pictures `x` (N, H, W, C) to y (N, H', W', C), the mean of every kernel x kernel window."""
    y = 0
    for _, _, pixels in taps(x, kernel, stride, slice(0, output_size(x.shape[1], kernel, stride))):
        y = y + pixels
    return y * (1 / kernel**2), (x, kernel, stride)


def average_pool_backward(dy: Array, cache: tuple[Any, ...]) -> Array:
    """Give each pixel of a window an equal share of the window's gradient."""
    x, kernel, stride = cache
    dx, share = get_xp(dy).zeros_like(x), dy * (1 / kernel**2)
    for _, _, pixels in taps(dx, kernel, stride, slice(0, dy.shape[1])):
        pixels += share
    return dx


def global_average_pool_forward(x: Array) -> tuple[Array, tuple[int, ...]]:
    """Pool pictures `x` (N, H, W, C) to y (N, C), the mean over each whole picture; the cache is the shape of x."""
    return x.mean(axis=(1, 2)), x.shape


def global_average_pool_backward(dy: Array, cache: tuple[int, ...]) -> Array:
    """Give every pixel dy / (H W)."""
    _, H, W, _ = cache
    return get_xp(dy).broadcast_to(dy[:, None, None, :] * (1 / (H * W)), cache).copy()
