"""What the vision layers' gradients are checked on: a small case for each layer, and one for a whole network."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.gradients.cases import Arrays, Case, layer_case
from mrnn_np.scenes import cnn as scene_cnn
from mrnn_np.vision import average_pool, conv2d, dense, depthwise, max_pool, network, relu
from mrnn_np.vision.network import AveragePool, Conv, Dense, Depthwise, Flatten, MaxPool


def vision_cases(backend: Backend, seed: int = 0) -> list[Case]:
    """Return one case for each layer that is trained and each way it is used, then a network of all of them."""
    rng = np.random.default_rng(seed)
    labels = backend.asarray(rng.integers(0, 2, (4, 3)).astype(bool))

    def case(
        layer: str,
        inputs: dict[str, tuple[int, ...]],
        forward: Callable[..., tuple[Array, Any]],
        backward: Callable[[Array, Any], Any],
    ) -> Case:
        """`backward` gives the gradient of the first input, then perhaps a dict of the others."""

        def first_and_others(dy: Array, cache: Any) -> tuple[Array, Arrays]:
            result = backward(dy, cache)
            return result if isinstance(result, tuple) else (result, {})

        return layer_case(backend, rng, layer, inputs, forward, first_and_others, (next(iter(inputs)),))

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
            lambda x: max_pool.max_pool_forward(x, 3, 2),
            max_pool.max_pool_backward,
        ),
        case(
            "average pool",
            {"x": (2, 7, 5, 3)},
            lambda x: average_pool.average_pool_forward(x, 3, 2),
            average_pool.average_pool_backward,
        ),
        case(
            "global average pool",
            {"x": (2, 3, 4, 3)},
            average_pool.global_average_pool_forward,
            average_pool.global_average_pool_backward,
        ),
        case(
            "ReLU",
            {"z": (4, 5)},
            relu.relu_forward,
            relu.relu_backward,
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
    ]


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
        return network.backward(layers, d_scores, caches)

    return Case("vision network", inputs, lambda weights: bits(weights)[0].mean(), gradients)
