"""What the vision layers' gradients are checked on: a small case for each layer, and one for a whole network."""

from functools import partial
from math import prod
from typing import Any

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.gradients.cases import Arrays, Case, layer_case
from mrnn_np.layers import activations
from mrnn_np.layers.activations import RELU, RELU6
from mrnn_np.scenes import cnn as scene_cnn
from mrnn_np.vision import conv2d, dense, depthwise, local_response, network, pooling
from mrnn_np.vision.network import (
    AveragePool,
    Conv,
    Dense,
    Depthwise,
    Dropout,
    Flatten,
    GlobalAveragePool,
    LocalResponse,
    MaxPool,
    Residual,
    Sigmoid,
)
from mrnn_np.vision.preprocessing import Preprocessing


def vision_cases(backend: Backend, seed: int = 0) -> list[Case]:
    """Return one case for each layer and each way it is used, a network's loss, and CNNs from pixels to features."""
    rng = np.random.default_rng(seed)
    labels = backend.asarray(rng.integers(0, 2, (4, 3)).astype(bool))
    dropping, mask = (Dropout("drop", 0.5),), {"drop.mask": backend.asarray(2.0 * rng.integers(0, 2, (4, 5)))}

    case = partial(layer_case, backend, rng)

    return [
        case(
            "conv2d, stride 2",
            {"x": (2, 7, 6, 3), "K": (4, 3, 3, 3), "b": (4,)},
            lambda x, K, b: conv2d.conv2d_forward(x, K, b, stride=2, padding=1),
            conv2d.conv2d_backward,
        ),
        case(
            "conv2d, same",
            {"x": (2, 5, 4, 2), "K": (3, 4, 4, 2), "b": (3,)},
            lambda x, K, b: conv2d.conv2d_forward(x, K, b, padding="same"),
            conv2d.conv2d_backward,
        ),
        case(
            "depthwise",
            {"x": (2, 6, 7, 3), "K": (3, 3, 3), "b": (3,)},
            lambda x, K, b: depthwise.depthwise_forward(x, K, b, stride=2, padding="same"),
            depthwise.depthwise_backward,
        ),
        case(
            "max pool",
            {"x": (2, 7, 5, 3)},
            lambda x: pooling.max_pool_forward(x, 3, 2),
            pooling.max_pool_backward,
        ),
        case(
            "average pool",
            {"x": (2, 7, 5, 3)},
            lambda x: pooling.average_pool_forward(x, 3, 2),
            pooling.average_pool_backward,
        ),
        case(
            "global average pool",
            {"x": (2, 3, 4, 3)},
            pooling.global_average_pool_forward,
            pooling.global_average_pool_backward,
        ),
        case(
            "local response",
            {"x": (2, 3, 2, 6)},
            lambda x: local_response.local_response_forward(x, n=5, k=1.5, alpha=2.0, beta=0.75),
            local_response.local_response_backward,
        ),
        case(
            "ReLU",
            {"z": (4, 5)},
            lambda z: (activations.f2(z),) * 2,
            lambda dy, y: activations.times_slope(dy, y, RELU),
        ),
        case(
            "ReLU6",
            {"z": (4, 5)},
            lambda z: (activations.relu6(8 * z),) * 2,  # so that some lie beyond 6
            lambda dy, y: 8 * activations.times_slope(dy, y, RELU6),
        ),
        case(
            "sigmoid",
            {"z": (4, 5)},
            lambda z: network.forward((Sigmoid(),), {}, z),
            lambda dy, caches: network.backward((Sigmoid(),), dy, caches)[0],
        ),
        case(
            "dropout of units",
            {"x": (4, 5)},
            lambda x: network.forward(dropping, mask, x),
            lambda dy, caches: network.backward(dropping, dy, caches)[0],
        ),
        case(
            "dense",
            {"x": (4, 5), "W": (3, 5), "b": (3,)},
            dense.dense_forward,
            dense.dense_backward,
        ),
        case(
            "sigmoid loss",
            {"z": (4, 3)},
            lambda z: scene_cnn.sigmoid_loss_forward(z, labels),
            scene_cnn.sigmoid_loss_backward,
        ),
        _network_case(backend, rng, labels),
        *(_pixels_case(backend, rng, *one) for one in _CNNS.items()),
    ]


_CNNS: dict[str, tuple[network.Network, int]] = {
    "AlexNet, small": (
        (
            Conv("conv1", 3, kernel=5, stride=2, padding=2),
            LocalResponse(n=3, k=1.5, alpha=2.0),
            MaxPool(3, 2),
            Conv("conv2", 4, kernel=3, padding=1),
            MaxPool(2, 1),
            Flatten(),
            Dense("fc6", 5),
            Dense("fc7", 4),
        ),
        12,
    ),
    "VGG, small": (
        (
            Conv("conv1", 2, kernel=3, padding=1),
            Conv("conv2", 3, kernel=3, padding=1),
            MaxPool(2, 2),
            Conv("conv3", 4, kernel=3, padding=1),
            MaxPool(2, 2),
            Flatten(),
            Dense("fc6", 5),
            Dense("fc7", 4),
        ),
        8,
    ),
    "EfficientNet, small": (
        (
            Conv("stem", 3, kernel=3, stride=2, padding="same", activation="relu6"),
            Residual(
                (
                    Conv("expand", 6, kernel=1, activation="relu6"),
                    Depthwise("depth1", 3, padding="same", activation="relu6"),
                    Conv("project", 3, kernel=1, activation="none"),
                )
            ),
            Depthwise("depth2", 5, stride=2, padding="same", activation="relu6"),
            Conv("head", 4, kernel=1, activation="relu6"),
            GlobalAveragePool(),
        ),
        9,
    ),
    "scene CNN, small": (
        (
            Conv("conv1", 3, kernel=5, stride=2, padding=2),
            Conv("conv2", 4, kernel=3, stride=2, padding=1),
            Conv("conv3", 4, kernel=3, padding=1),
            AveragePool(2, 2),
            Flatten(),
            Dense("hidden", 5),
            Dense("scores", 4, activation="none"),
        ),
        10,
    ),
}
"""Networks of the kinds of rows that the CNNs are made of, to four features, and the side of the pictures they get."""


def _pixels_case(backend: Backend, rng: np.random.Generator, layer: str, cnn: tuple[network.Network, int]) -> Case:
    """The whole way from a picture's colours to its features I; the cost is sum(c I) with random c.

    Weights are counted in fifths, and colours in about as small parts of their deviation: the step of a central
    difference is then small beside the way to the next of the many kinks.
    """
    layers, size = cnn
    preprocessing = Preprocessing("whole", size, (10.0, 9.0, 8.0), (4.0, 5.0, 3.0))
    shapes = network.weight_shapes(layers, (size, size, 3))
    inputs = {"pixels": rng.uniform(0, 20, (1, size, size, 3))}
    for name, shape in shapes.items():
        units = shapes[f"{name[:-1]}b"][0]
        # Signals neither die out nor are all clipped; the biases keep most units from being off.
        is_bias, deviation = name.endswith(".b"), (2 * units / prod(shape)) ** 0.5
        inputs[name] = 5 * (rng.uniform(0, 0.5, shape) if is_bias else rng.normal(0, deviation, shape))
    c = backend.asarray(rng.normal(size=(1, 4)))

    def features(x: Arrays) -> tuple[Array, list[Any]]:
        weights = {name: x[name] / 5 for name in shapes}
        return network.forward(layers, weights, preprocessing.scaled(x["pixels"]))

    def gradients(x: Arrays) -> Arrays:
        dx, grads = network.backward(layers, c, features(x)[1])
        return {"pixels": preprocessing.scaled_backward(dx)} | {name: grad / 5 for name, grad in grads.items()}

    return Case(layer, inputs, lambda x: (c * features(x)[0]).sum(), gradients)


def _network_case(backend: Backend, rng: np.random.Generator, labels: Array) -> Case:
    """The mean loss of a network that has every kind of layer that can be trained."""
    layers = (
        Conv("conv1", 3, kernel=3, padding=1),
        MaxPool(2, 2),
        Conv("conv2", 4, kernel=3, stride=2, padding="same", activation="none"),
        Depthwise("depthwise", 3, padding=1),
        AveragePool(2, 1),
        Flatten(),
        Dense("hidden", 5),
        Dense("scores", labels.shape[1], activation="none"),
    )
    pictures = backend.asarray(rng.normal(size=(len(labels), 10, 12, 2)))
    shapes = network.weight_shapes(layers, pictures.shape[1:])
    inputs = {name: rng.normal(0, 0.5, shape) for name, shape in shapes.items()}

    def bits(weights: Arrays) -> tuple[Array, Any]:
        dtype = weights["conv1.K"].dtype
        scores, caches = network.forward(layers, weights, pictures.astype(dtype))
        losses, cache = scene_cnn.sigmoid_loss_forward(scores, labels)
        return losses, (cache, caches)

    def gradients(weights: Arrays) -> Arrays:
        losses, (cache, caches) = bits(weights)
        d_scores = scene_cnn.sigmoid_loss_backward(losses * 0 + 1 / len(losses), cache)
        return network.backward(layers, d_scores, caches, need_dx=False)[1]

    return Case("vision network", inputs, lambda weights: bits(weights)[0].mean(), gradients)
