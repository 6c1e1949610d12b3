"""Average pooling: the mean of each window, channel by channel, or of the whole picture."""

from typing import Any

from mrnn_np.backend import Array, get_xp
from mrnn_np.vision.windows import output_size, taps


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
