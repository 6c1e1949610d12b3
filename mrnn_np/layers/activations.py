"""The two non-linearities of the paper and their slopes, both written in terms of their own output.

Because f2'(z) and g2'(z) follow from f2(z) and g2(z), a layer keeps its output and never its pre-activation z.
"""

from mrnn_np.backend import Array, get_xp, kernels, on_gpu

# LeCun's scaled hyperbolic tangent: the scale and the slope make g2(1) = 1 and g2(-1) = -1, so that unit-sized
# activations stay where g2 bends most.
SCALE = 1.7159
SLOPE = 2 / 3


def f2(z: Array) -> Array:
    """ReLU, the recurrent layer's f2(z) = max(z, 0), element by element; any shape, dtype kept."""
    return get_xp(z).maximum(z, 0)


def f2_slope(r: Array) -> Array:
    """f2'(z) from r = f2(z): True where r > 0, else False; at the kink z = 0 we take 0 (our choice)."""
    return r.real > 0


@on_gpu(kernels.g2)
def g2(z: Array) -> Array:
    """Scaled tanh, the multimodal layer's g2(z) = 1.7159 tanh(2z/3), element by element; any shape, dtype kept."""
    xp = get_xp(z)
    return SCALE * xp.tanh(SLOPE * z)


def g2_slope(m: Array) -> Array:
    """g2'(z) from m = g2(z).

    tanh' = 1 - tanh^2 and tanh(2z/3) = m / 1.7159, so g2'(z) = 2/3 (1.7159 - m^2 / 1.7159).
    """
    return SLOPE * (SCALE - m * m * (1 / SCALE))


@on_gpu(kernels.g2_backward)
def g2_backward(dm: Array, m: Array) -> Array:
    """dz = dm * g2'(z) from m = g2(z)."""
    return dm * g2_slope(m)
