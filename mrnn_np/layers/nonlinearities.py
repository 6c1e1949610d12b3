"""The non-linearities of the models beside the m-RNN, each with its slope written in terms of its own output.

The m-RNN's own two, ReLU and scaled tanh, stand in `mrnn_np.layers.activations`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mrnn_np.backend import Array, get_xp
from mrnn_np.layers.activations import f2, f2_slope, g2, g2_slope


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
SCALED_TANH = NonLinearity("scaled-tanh", g2, g2_slope)
SIGMOID = NonLinearity("sigmoid", sigmoid, sigmoid_slope)
TANH = NonLinearity("tanh", tanh, tanh_slope)
