"""Networks as data: a network is a tuple of the rows below, and these functions run it.

`forward` and `backward` train what can be trained: `Conv` and `Depthwise` with ReLU or nothing, pooling, `Flatten` and
`Dense`.  `Residual` and ReLU6 run forward only.
"""

from dataclasses import dataclass
from typing import Any, Literal

from mrnn_np.backend import Array, get_xp
from mrnn_np.vision import average_pool, conv2d, dense, depthwise, max_pool, relu
from mrnn_np.vision.windows import Padding, output_size

Activation = Literal["relu", "relu6", "none"]
Weights = dict[str, Array]
"""Arrays by the name of their layer and their symbol: "conv1.K", "conv1.b", "fc6.W"."""


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
    """The mean of the whole picture: [N, H, W, C] -> [N, C]."""


@dataclass(frozen=True)
class Flatten:
    """[N, H, W, C] -> [N, H W C]."""


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
class Residual:
    """x + layers(x); the layers keep the shape."""

    layers: tuple["Layer", ...]


Layer = Conv | Depthwise | MaxPool | AveragePool | GlobalAveragePool | Flatten | Dense | Sigmoid | Residual
Network = tuple[Layer, ...]


def run(network: Network, weights: Weights, x: Array) -> Array:
    """Return the network's output for the pictures `x` [N, H, W, C], keeping nothing for a backward pass."""
    for layer in network:
        x = _layer_forward(layer, weights, x)[0]
    return x


def forward(network: Network, weights: Weights, x: Array) -> tuple[Array, list[Any]]:
    """Return the network's output for the pictures `x` [N, H, W, C] and what `backward` needs."""
    caches = []
    for layer in network:
        x, cache = _layer_forward(layer, weights, x)
        caches.append(cache)
    return x, caches


def backward(network: Network, dy: Array, caches: list[Any]) -> Weights:
    """Return the gradients of all weights, by their names; the pictures are given and need none."""
    grads: Weights = {}
    for number in reversed(range(len(network))):
        dy, layer_grads = _layer_backward(network[number], dy, caches[number], need_dx=number > 0)
        grads |= layer_grads
    return grads


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
        case Residual() | Sigmoid():
            return shape


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


def _layer_forward(layer: Layer, weights: Weights, x: Array) -> tuple[Array, Any]:
    match layer:
        case Conv(name=name, stride=stride, padding=padding):
            z, cache = conv2d.conv2d_forward(x, weights[f"{name}.K"], weights[f"{name}.b"], stride, padding)
        case Depthwise(name=name, stride=stride, padding=padding):
            z, cache = depthwise.depthwise_forward(x, weights[f"{name}.K"], weights[f"{name}.b"], stride, padding)
        case Dense(name=name):
            z, cache = dense.dense_forward(x, weights[f"{name}.W"], weights[f"{name}.b"])
        case MaxPool(kernel, stride):
            return max_pool.max_pool_forward(x, kernel, stride)
        case AveragePool(kernel, stride):
            return average_pool.average_pool_forward(x, kernel, stride)
        case GlobalAveragePool():
            return average_pool.global_average_pool_forward(x)
        case Flatten():
            return x.reshape(len(x), -1), x.shape
        case Sigmoid():
            return (1 + get_xp(x).tanh(x / 2)) / 2, None
        case Residual(layers):
            return x + run(layers, weights, x), None
    # z is nobody else's, so the activation may overwrite it.
    if layer.activation == "relu6":
        return relu.relu6_forward(z, out=z), None
    y, positive = relu.relu_forward(z, out=z) if layer.activation == "relu" else (z, None)
    return y, (cache, positive)


def _layer_backward(layer: Layer, dy: Array, cache: Any, need_dx: bool) -> tuple[Array, Weights]:
    if cache is None:
        raise NotImplementedError(f"{layer} runs forward only")
    match layer:
        case MaxPool():
            return max_pool.max_pool_backward(dy, cache), {}
        case AveragePool():
            return average_pool.average_pool_backward(dy, cache), {}
        case GlobalAveragePool():
            return average_pool.global_average_pool_backward(dy, cache), {}
        case Flatten():
            return dy.reshape(cache), {}
    cache, positive = cache
    dz = dy if positive is None else relu.relu_backward(dy, positive)
    match layer:
        case Conv(name=name):
            dx, grads = conv2d.conv2d_backward(dz, cache, need_dx)
        case Depthwise(name=name):
            dx, grads = depthwise.depthwise_backward(dz, cache)
        case Dense(name=name):
            dx, grads = dense.dense_backward(dz, cache)
    return dx, {f"{name}.{symbol}": grad for symbol, grad in grads.items()}
