"""The non-linearities and their slopes, both written in terms of their own output.

Because f'(z) follows from f(z), a layer keeps its output and never its pre-activation z.  The m-RNN's two are the
paper's f2, ReLU, and g2, the scaled tanh; the others are those of the models it is compared with, and of CNNs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mrnn_np.backend import Array, get_xp, kernels, on_gpu

# LeCun's scaled hyperbolic tangent: the scale and the slope make g2(1) = 1 and g2(-1) = -1, so that unit-sized
# activations stay where g2 bends most.
SCALE = 1.7159
SLOPE = 2 / 3


def f2(z: Array, out: Array | None = None) -> Array:
    """ReLU, the recurrent layer's f2(z) = max(z, 0), element by element; any shape, dtype kept.

    With `out=z` the answer overwrites z: right wherever nothing else needs z, as after a convolution.
    """
    return get_xp(z).maximum(z, 0, out=out)


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


def relu6(z: Array, out: Array | None = None) -> Array:
    """ReLU6, min(max(z, 0), 6), which keeps numbers small enough for 8-bit arithmetic; `out` as in `f2`."""
    return get_xp(z).clip(z, 0, 6, out=out)


def relu6_slope(y: Array) -> Array:
    """ReLU6's slope from y = relu6(z): True where 0 < y < 6, else False; at both kinks we take 0."""
    return (y.real > 0) & (y.real < 6)


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), element by element; any shape, dtype kept.

    Written as (1 + tanh(z/2)) / 2, which is the same and cannot overflow.
    """
    return 0.5 * get_xp(z).tanh(0.5 * z) + 0.5


def sigmoid_slope(r: Array) -> Array:
    """sigmoid'(z) from r = sigmoid(z): r (1 - r), at most 1/4, so that a gradient shrinks at every step back."""
    return r * (1 - r)


def tanh(z: Array) -> Array:
    """Hyperbolic tangent, element by element; any shape, dtype kept."""
    return get_xp(z).tanh(z)


def tanh_slope(r: Array) -> Array:
    """tanh'(z) from r = tanh(z): 1 - r^2."""
    return 1 - r * r


@dataclass(frozen=True)
class NonLinearity:
    """An element-wise function by its name, and its slope as a function of its output."""

    name: str
    f: Callable[[Array], Array]
    slope: Callable[[Array], Array]


RELU = NonLinearity("relu", f2, f2_slope)
RELU6 = NonLinearity("relu6", relu6, relu6_slope)
SCALED_TANH = NonLinearity("scaled-tanh", g2, g2_slope)
SIGMOID = NonLinearity("sigmoid", sigmoid, sigmoid_slope)
TANH = NonLinearity("tanh", tanh, tanh_slope)


@on_gpu(kernels.times_slope)
def times_slope(dy: Array, y: Array, f: NonLinearity) -> Array:
    """dz = dy * f'(z) from y = f(z)."""
    return dy * f.slope(y)
