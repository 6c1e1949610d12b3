"""Networks as data: a network is a tuple of the rows below, and these functions run it.

`run` gives its output alone; `forward` also keeps what `backward` needs to go back to the weights and to the pictures.
"""

from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.layers import activations
from mrnn_np.layers.activations import RELU, RELU6
from mrnn_np.layers.dropout import draw_mask, dropout
from mrnn_np.vision import conv2d, dense, depthwise, local_response, pooling
from mrnn_np.vision.windows import Padding, output_size

Activation = Literal["relu", "relu6", "none"]
Weights = dict[str, Array]
"""Arrays by the name of their layer and their symbol: "conv1.K", "conv1.b", "fc6.W", "drop6.mask"."""


@dataclass(frozen=True)
class Conv:
    """Convolution with `channels` kernels; `norm` names the batch normalisation its weight file keeps apart."""

    name: str
    channels: int
    kernel: int
    stride: int = 1
    padding: Padding = 0
    activation: Activation = "relu"
    norm: str | None = None


@dataclass(frozen=True)
class Depthwise:
    """Depthwise convolution; `norm` as in `Conv`."""

    name: str
    kernel: int
    stride: int = 1
    padding: Padding = 0
    activation: Activation = "relu"
    norm: str | None = None


@dataclass(frozen=True)
class LocalResponse:
    """Every channel damped by its neighbours, as in the AlexNet of 2012."""

    n: int = 5
    k: float = 2.0
    alpha: float = 5e-4
    beta: float = 0.75


@dataclass(frozen=True)
class MaxPool:
    """The maximum of every window."""

    kernel: int
    stride: int


@dataclass(frozen=True)
class AveragePool:
    """The mean of every window."""

    kernel: int
    stride: int


@dataclass(frozen=True)
class GlobalAveragePool:
    """The mean of the whole picture: (N, H, W, C) -> (N, C)."""


@dataclass(frozen=True)
class Flatten:
    """(N, H, W, C) -> (N, H W C)."""


@dataclass(frozen=True)
class Dense:
    """Fully connected layer of `units`."""

    name: str
    units: int
    activation: Activation = "relu"


@dataclass(frozen=True)
class Sigmoid:
    """1 / (1 + exp(-x)), number by number: from log odds to probabilities."""


@dataclass(frozen=True)
class Dropout:
    """Each number of (N, D) dropped with probability `rate`, as the mask says that is among the weights; see `masks`.

    Where none is among them, as when nothing is learnt, all are kept.
    """

    name: str
    rate: float


@dataclass(frozen=True)
class Residual:
    """x + layers(x); the layers keep the shape."""

    layers: tuple["Layer", ...]


Weighted = Conv | Depthwise | Dense
Plain = Weighted | LocalResponse | MaxPool | AveragePool | GlobalAveragePool | Flatten | Sigmoid | Dropout
Layer = Plain | Residual
Network = tuple[Layer, ...]


def run(network: Network, weights: Weights, x: Array) -> Array:
    """Return the network's output for the pictures `x` (N, H, W, C), keeping nothing for a backward pass."""
    for layer in network:
        if isinstance(layer, Residual):
            x = x + run(layer.layers, weights, x)
        else:
            x = _layer_forward(layer, weights, x)[0]  # no name holds the cache, so its memory is free at once
    return x


def forward(network: Network, weights: Weights, x: Array) -> tuple[Array, list[Any]]:
    """Return the network's output for the pictures `x` (N, H, W, C) and what `backward` needs."""
    caches = []
    for layer in network:
        if isinstance(layer, Residual):
            added, cache = forward(layer.layers, weights, x)
            x = x + added
        else:
            x, cache = _layer_forward(layer, weights, x)
        caches.append(cache)
    return x, caches


def backward(
    network: Network, dy: Array, caches: list[Any], need_dx: bool = True, need_grads: bool = True
) -> tuple[Array | None, Weights]:
    """Return the gradient of the pictures, (N, H, W, C), and those of the weights, by their names.

    Parameters
    ----------
    dy : the gradient of the network's output, of its shape
    caches : from `forward`
    need_dx : whether pictures need one; where not, None is returned and the first layer has less to do
    need_grads : whether weights need any; where not, none are returned and every layer has half as much to do
    """
    grads: Weights = {}
    for number, layer in reversed(list(enumerate(network))):
        need_d_input = need_dx or number > 0
        if isinstance(layer, Residual):
            d_added, layer_grads = backward(layer.layers, dy, caches[number], need_d_input, need_grads)
            dy = dy + d_added if need_d_input else None
        else:
            dy, layer_grads = _layer_backward(layer, dy, caches[number], need_d_input, need_grads)
        grads |= layer_grads
    return dy if need_dx else None, grads


def split_at_map(network: Network) -> tuple[Network, Network]:
    """Return a network in two: up to its last map, (N, h, w, C), what its last convolution gives, and from there on."""
    last = max(number for number, layer in enumerate(network) if isinstance(layer, Conv | Depthwise | Residual))
    return network[: last + 1], network[last + 1 :]


def output_shape(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of a layer's output for one picture of `shape`."""
    match layer:
        case Conv(channels=channels, kernel=kernel, stride=stride, padding=padding):
            return (*(output_size(size, kernel, stride, padding) for size in shape[:2]), channels)
        case Depthwise(kernel=kernel, stride=stride, padding=padding):
            return (*(output_size(size, kernel, stride, padding) for size in shape[:2]), shape[2])
        case MaxPool(kernel, stride) | AveragePool(kernel, stride):
            return (*(output_size(size, kernel, stride) for size in shape[:2]), shape[2])
        case GlobalAveragePool():
            return shape[2:]
        case Flatten():
            return (shape[0] * shape[1] * shape[2],)
        case Dense(units=units):
            return (units,)
        case LocalResponse() | Sigmoid() | Dropout() | Residual():
            return shape


def numbers_made(network: Network, shape: tuple[int, ...]) -> int:
    """Return how many numbers the outputs of all layers hold, for one picture of `shape` (H, W, C)."""
    made = 0
    for layer in network:
        made += numbers_made(layer.layers, shape) if isinstance(layer, Residual) else 0
        shape = output_shape(layer, shape)
        made += prod(shape)
    return made


def weight_shapes(network: Network, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a network's weights, in its order, for pictures of `shape` (H, W, C)."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in network:
        match layer:
            case Conv(name=name, channels=units, kernel=k):
                shapes |= {f"{name}.K": (units, k, k, shape[2]), f"{name}.b": (units,)}
            case Depthwise(name=name, kernel=k):
                shapes |= {f"{name}.K": (k, k, shape[2]), f"{name}.b": (shape[2],)}
            case Dense(name=name, units=units):
                shapes |= {f"{name}.W": (units, shape[0]), f"{name}.b": (units,)}
            case Residual(layers):
                shapes |= weight_shapes(layers, shape)
        shape = output_shape(layer, shape)
    return shapes


def masks(network: Network, shape: tuple[int, ...], number: int, rng: np.random.Generator) -> Weights:
    """Draw the masks of a network's `Dropout` layers, by their names, for `number` pictures of `shape` (H, W, C)."""
    drawn: Weights = {}
    for layer in network:
        shape = output_shape(layer, shape)
        if isinstance(layer, Dropout):
            drawn[f"{layer.name}.mask"] = draw_mask(rng, (number, *shape), layer.rate)
    return drawn


def _layer_forward(layer: Plain, weights: Weights, x: Array) -> tuple[Array, Any]:
    match layer:
        case LocalResponse(n, k, alpha, beta):
            return local_response.local_response_forward(x, n, k, alpha, beta)
        case MaxPool(kernel, stride):
            return pooling.max_pool_forward(x, kernel, stride)
        case AveragePool(kernel, stride):
            return pooling.average_pool_forward(x, kernel, stride)
        case GlobalAveragePool():
            return pooling.global_average_pool_forward(x)
        case Flatten():
            return x.reshape(len(x), -1), x.shape
        case Sigmoid():
            y = activations.sigmoid(x)
            return y, y
        case Dropout(name=name):
            mask = weights.get(f"{name}.mask")
            return dropout(x, mask), mask
        case Conv(name=name, stride=stride, padding=padding):
            z, cache = conv2d.conv2d_forward(x, weights[f"{name}.K"], weights[f"{name}.b"], stride, padding)
        case Depthwise(name=name, stride=stride, padding=padding):
            z, cache = depthwise.depthwise_forward(x, weights[f"{name}.K"], weights[f"{name}.b"], stride, padding)
        case Dense(name=name):
            z, cache = dense.dense_forward(x, weights[f"{name}.W"], weights[f"{name}.b"])
    # z is nobody else's, so the activation may overwrite it.
    if layer.activation == "none":
        return z, (cache, None)
    y = activations.f2(z, out=z) if layer.activation == "relu" else activations.relu6(z, out=z)
    return y, (cache, y)


def _layer_backward(layer: Plain, dy: Array, cache: Any, need_dx: bool, need_grads: bool) -> tuple[Array, Weights]:
    match layer:
        case LocalResponse():
            return local_response.local_response_backward(dy, cache), {}
        case MaxPool():
            return pooling.max_pool_backward(dy, cache), {}
        case AveragePool():
            return pooling.average_pool_backward(dy, cache), {}
        case GlobalAveragePool():
            return pooling.global_average_pool_backward(dy, cache), {}
        case Flatten():
            return dy.reshape(cache), {}
        case Sigmoid():
            return dy * activations.sigmoid_slope(cache), {}
        case Dropout():
            return dropout(dy, cache), {}
    cache, y = cache
    dz = dy
    if layer.activation != "none":
        dz = activations.times_slope(dy, y, RELU if layer.activation == "relu" else RELU6)
    match layer:
        case Conv():
            dx, dK, db = conv2d.conv2d_backward(dz, cache, need_dx, need_grads)
        case Depthwise():
            dx, dK, db = depthwise.depthwise_backward(dz, cache, need_dx, need_grads)
        case Dense():
            dx, dK, db = dense.dense_backward(dz, cache, need_dx, need_grads)
    symbol = "W" if isinstance(layer, Dense) else "K"
    return dx, {f"{layer.name}.{symbol}": dK, f"{layer.name}.b": db} if need_grads else {}
