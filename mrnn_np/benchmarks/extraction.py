"""Image features from a CNN with random weights, as this package makes them and as PyTorch does."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.benchmarks.task import Product, Task, products_alone
from mrnn_np.vision.cnn import DESIGNS, Cnn
from mrnn_np.vision.network import Conv, Depthwise, Layer, Network, Residual, Weights, output_shape, weight_shapes
from mrnn_np.vision.windows import margins

DESIGN = DESIGNS["efficientnet-lite0"]
SIZE = DESIGN.preprocessing.size


def pictures(count: int) -> Array:
    """Preprocessed pictures, (count, 224, 224, 3) float32."""
    return np.random.default_rng(1).standard_normal((count, SIZE, SIZE, 3), np.float32)


def random_weights() -> Weights:
    """Weights with which signals neither die out nor are all clipped; batch normalisation is folded in already."""
    rng, weights = np.random.default_rng(0), {}
    for name, shape in weight_shapes(DESIGN.network, (SIZE, SIZE, 3)).items():
        if name.endswith(".b"):
            deviation = 0.1
        elif len(shape) == 4:
            deviation = math.sqrt(2 / math.prod(shape[1:]))
        else:
            deviation = math.sqrt(2 / math.prod(shape[:2]))
        weights[name] = deviation * rng.standard_normal(shape, np.float32)
    return weights


def numpy_task(vocabulary: int, count: int, backend: Backend) -> Task:
    """What this package does, on either backend."""
    weights = {name: backend.asarray(value) for name, value in random_weights().items()}
    cnn, x = Cnn(DESIGN, weights, {}, backend), pictures(count)
    return Task(count, lambda: [float(number) for number in cnn.features(x).flat])


def products_task(vocabulary: int, count: int, backend: Backend) -> Task:
    """The products of the same: a convolution is one; depthwise convolutions have none."""
    products: list[Product] = []
    for layer, shape in every_layer(DESIGN.network, (SIZE, SIZE, 3)):
        if isinstance(layer, Conv):
            rows = count * math.prod(output_shape(layer, shape)[:2])
            products.append(("y", rows, layer.channels, layer.kernel**2 * shape[2]))
    return products_alone(count, products, backend)


def every_layer(network: Network, shape: tuple[int, ...]) -> Iterator[tuple[Layer, tuple[int, ...]]]:
    """The layers, those inside residual blocks too, each with the shape of its input."""
    for layer in network:
        if isinstance(layer, Residual):
            yield from every_layer(layer.layers, shape)
        else:
            yield layer, shape
        shape = output_shape(layer, shape)


def torch_task(vocabulary: int, count: int, backend: Backend) -> Task:
    """PyTorch with channels last in memory, which its CPU kernels prefer, and batch normalisation folded in too."""
    import torch
    from torch.nn import functional as F

    def kernels(K: Array) -> Any:
        channels_first = K.transpose(0, 3, 1, 2) if K.ndim == 4 else K.transpose(2, 0, 1)[:, None]
        return torch.as_tensor(channels_first.copy()).contiguous(memory_format=torch.channels_last)

    weights = {name: kernels(x) if x.ndim > 1 else torch.as_tensor(x) for name, x in random_weights().items()}
    images = torch.as_tensor(pictures(count)).permute(0, 3, 1, 2)

    def apply(network: Network, x: Any) -> Any:
        for layer in network:
            if isinstance(layer, Residual):
                x = x + apply(layer.layers, x)
            elif isinstance(layer, Conv | Depthwise):
                K, b = weights[f"{layer.name}.K"], weights[f"{layer.name}.b"]
                groups = x.shape[1] if isinstance(layer, Depthwise) else 1
                (top, below), (left, right) = (
                    margins(n, layer.kernel, layer.stride, layer.padding) for n in x.shape[2:]
                )
                if top == below and left == right:
                    x = F.conv2d(x, K, b, layer.stride, (top, left), groups=groups)
                else:
                    x = F.conv2d(F.pad(x, (left, right, top, below)), K, b, layer.stride, groups=groups)
                x = F.relu6(x, inplace=True) if layer.activation == "relu6" else x
            else:
                x = x.mean((2, 3))
        return x

    @torch.inference_mode()  # type: ignore[untyped-decorator, unused-ignore]
    def run() -> list[float]:
        return [float(number) for number in apply(DESIGN.network, images).flatten()]

    return Task(count, run)


VARIANTS = {"numpy": numpy_task, "products": products_task, "torch": torch_task}
