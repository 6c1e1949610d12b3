"""ReLU, max(z, 0), and ReLU6, min(max(z, 0), 6), which keeps numbers small enough for 8-bit arithmetic."""

from mrnn_np.backend import Array, get_xp


def relu_forward(z: Array, out: Array | None = None) -> tuple[Array, Array]:
    """Return y = max(z, 0) and, as the cache, y; any shape.

    With `out=z` the answer overwrites z: right wherever nothing else needs z, as after a convolution.
    """
    y = get_xp(z).maximum(z, 0, out=out)
    return y, y


def relu_backward(dy: Array, cache: Array) -> Array:
    """Return dz = dy where y > 0, else 0: at the kink z = 0 we take 0."""
    return dy * (cache.real > 0)


def relu6_forward(z: Array, out: Array | None = None) -> tuple[Array, Array]:
    """Return y = min(max(z, 0), 6) and, as the cache, y; any shape, `out` as in `relu_forward`."""
    y = get_xp(z).clip(z, 0, 6, out=out)
    return y, y


def relu6_backward(dy: Array, cache: Array) -> Array:
    """Return dz = dy where 0 < y < 6, else 0: at both kinks we take 0."""
    return dy * ((cache.real > 0) & (cache.real < 6))
