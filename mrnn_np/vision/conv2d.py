"""Convolution:  y[n, p, q, o] = b[o] + sum over i, j, c of K[o, i, j, c] x[n, s p + i, s q + j, c].

Every window of the picture is a row of k k C numbers; with those rows gathered (im2col) the convolution is one matrix
product with the kernels, which is what computers are best at.  All windows of a batch together would need k k times
the memory of the pictures, so they are gathered block by block.
"""

from typing import Any

from mrnn_np.backend import Array, get_xp
from mrnn_np.vision.windows import Padding, all_windows, blocks, crop, pad, taps

BLOCK_BYTES = 2**24
"""The size of a block of gathered windows: large enough for a fast matrix product."""


def conv2d_forward(
    x: Array, K: Array, b: Array, stride: int = 1, padding: Padding = 0
) -> tuple[Array, tuple[Any, ...]]:
    """Convolve pictures with kernels.

    Parameters
    ----------
    x : (N, H, W, C) float
    K : (O, k, k, C) float, one kernel per output channel
    b : (O,) float
    stride : pixels from one window to the next
    padding : zeros around the picture, or "same"

    Returns
    -------
    y : (N, H', W', O) float; 2 N H' W' O k k C flops
    cache : for `conv2d_backward`
    """
    xp = get_xp(x)
    O, k = K.shape[:2]
    padded = pad(x, k, stride, padding)
    windows, kernels = all_windows(padded, k, stride), K.reshape(O, -1)
    y = xp.empty((*windows.shape[:3], O), x.dtype)
    for pictures, rows in _blocks(windows):
        block = y[pictures, rows].reshape(-1, O)  # a view
        xp.matmul(windows[pictures, rows].reshape(len(block), -1), kernels.T, out=block)
        block += b
    return y, (padded, x.shape, K, stride, padding)


def conv2d_backward(
    dy: Array, cache: tuple[Any, ...], need_dx: bool = True, need_grads: bool = True
) -> tuple[Array, Array, Array]:
    """Return dx, dK and db, None where they are not needed; dx, and dK with db, cost the forward's flops each.

    A window's gradient is dy K, added to the pixels the window came from (windows overlap, so pixels collect several);
    dK = sum over windows of dy times the window;  db = sum of dy.
    """
    padded, (_, H, W, _), K, stride, padding = cache
    xp = get_xp(dy)
    O, k = K.shape[:2]
    windows, kernels = all_windows(padded, k, stride), K.reshape(O, -1)
    dx, dK = xp.zeros_like(padded), xp.zeros_like(kernels)
    for pictures, rows in _blocks(windows):
        block = dy[pictures, rows].reshape(-1, O)
        if need_grads:
            dK += block.T @ windows[pictures, rows].reshape(len(block), -1)
        if need_dx:
            d_windows = (block @ kernels).reshape(windows[pictures, rows].shape)
            for i, j, pixels in taps(dx[pictures], k, stride, rows):
                pixels += d_windows[:, :, :, i, j]
    dx = crop(dx, H, W, k, stride, padding) if need_dx else None
    return (dx, dK.reshape(K.shape), dy.sum(axis=(0, 1, 2))) if need_grads else (dx, None, None)


def _blocks(windows: Array) -> Any:
    pictures, rows = windows.shape[:2]
    return blocks(pictures, rows, windows[0, 0].size * windows.itemsize, BLOCK_BYTES)
