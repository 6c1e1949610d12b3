"""What notebook 11 measures against: the output layer as a textbook writes it, right and slower."""

from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.layers.softmax import LN2, softmax_scores


def softmax_forward(m: Array, targets: Array, V_y: Array, b_y: Array) -> tuple[Array, tuple[Any, ...]]:
    """Return what `layers.softmax.softmax_forward` does, but make a new (N, M) array for each operation."""
    scores = softmax_scores(m, V_y, b_y)
    likelihood = np.exp(scores - scores.max(axis=1, keepdims=True))
    y = likelihood / likelihood.sum(axis=1, keepdims=True)
    onehot = np.zeros_like(y)
    onehot[np.arange(len(y)), targets] = 1
    bits = -(onehot * np.log2(np.maximum(y, 1e-30))).sum(axis=1)
    return bits, (y, onehot, m, V_y)


def softmax_backward(dbits: Array, cache: tuple[Any, ...]) -> tuple[Array, Array, Array]:
    """Return what `layers.softmax.softmax_backward` does, from the cache of the forward above."""
    y, onehot, m, V_y = cache
    dscores = (y - onehot) / LN2 * dbits[:, None]
    return dscores @ V_y, dscores.T @ m, dscores.sum(axis=0)
