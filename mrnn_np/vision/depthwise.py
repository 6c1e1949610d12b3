"""Depthwise convolution, a kernel per channel:  y[n, p, q, c] = b[c] + sum K[i, j, c] x[n, s p + i, s q + j, c].

There is no sum over channels, hence no matrix product: `einsum` goes through rows of a picture again and again, for
each pixel of a window once, and adds up what the kernel makes of them.
"""

from typing import Any

from mrnn_np.backend import Array, get_xp
from mrnn_np.vision.windows import Padding, blocks, crop, output_size, pad, pad_rows, runs_of_windows, taps

CACHE_BYTES = 2**20
"""The size of a block, which is gone over k k times: small enough to stay in the processor's cache.  Smaller ones mean
more calls of NumPy, for which cores take turns."""


def depthwise_forward(
    x: Array, K: Array, b: Array, stride: int = 1, padding: Padding = 0
) -> tuple[Array, tuple[Any, ...]]:
    """Convolve each channel of the pictures with its own kernel.

    Parameters
    ----------
    x : (N, H, W, C) float
    K : (k, k, C) float
    b : (C,) float
    stride : pixels from one window to the next
    padding : zeros around the picture, or "same"

    Returns
    -------
    y : (N, H', W', C) float; 2 N H' W' k k C flops
    cache : for `depthwise_backward`
    """
    xp = get_xp(x)
    k = len(K)
    N, H, W, C = x.shape
    y = xp.empty((N, output_size(H, k, stride, padding), output_size(W, k, stride, padding), C), x.dtype)
    side_by_side = y.shape[2] if stride == 1 else 1
    K_run, b_run = xp.tile(K, side_by_side), xp.tile(b, side_by_side)
    for pictures, rows in blocks(N, y.shape[1], stride * x[0, 0].nbytes, CACHE_BYTES):
        windows = runs_of_windows(pad_rows(x[pictures], rows, k, stride, padding), k, stride, side_by_side)
        z = xp.einsum("npqijc,ijc->npqc", windows, K_run)
        xp.add(z, b_run, out=y[pictures, rows].reshape(z.shape))  # a view
    return y, (x, K, stride, padding)


def depthwise_backward(
    dy: Array, cache: tuple[Any, ...], need_dx: bool = True, need_grads: bool = True
) -> tuple[Array, Array, Array]:
    """Return dx, dK and db, None where they are not needed; dx, and dK with db, cost the forward's flops each.

    Pixel (i, j) of a window collects dy K[i, j];  dK[i, j] = sum of dy times that pixel;  db = sum of dy.
    """
    x, K, stride, padding = cache
    xp = get_xp(dy)
    k = len(K)
    N, H, W, _ = x.shape
    padded = pad(x, k, stride, padding)
    dx, dK = xp.zeros_like(padded), xp.zeros_like(K)
    for pictures, rows in blocks(N, dy.shape[1], dy[0, 0].nbytes, CACHE_BYTES):
        block = dy[pictures, rows]
        product = xp.empty_like(block)
        if need_grads:
            for i, j, pixels in taps(padded[pictures], k, stride, rows):
                dK[i, j] += xp.multiply(block, pixels, out=product).sum(axis=(0, 1, 2))
        if need_dx:
            for i, j, d_pixels in taps(dx[pictures], k, stride, rows):
                xp.multiply(block, K[i, j], out=product)
                d_pixels += product
    dx = crop(dx, H, W, k, stride, padding) if need_dx else None
    return (dx, dK, dy.sum(axis=(0, 1, 2))) if need_grads else (dx, None, None)
