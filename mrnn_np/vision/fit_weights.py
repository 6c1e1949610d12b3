"""From the arrays of a weight file to the weights of a network: layouts changed, batch normalisation folded away.

PyTorch keeps kernels as (O, C, k, k) for pictures (N, C, H, W); here they are (O, k, k, C) for (N, H, W, C).
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mrnn_np.errors import UserError
from mrnn_np.vision.network import Conv, Dense, Depthwise, Flatten, Network, Residual, Weights, output_shape
from mrnn_np.vision.weight_files import without_prefix

Numbers = npt.NDArray[Any]

EPSILON = 1e-3
"""What EfficientNet's batch normalisation adds to a variance."""


def fit_weights(network: Network, arrays: Mapping[str, Numbers], shape: tuple[int, ...], path: str) -> Weights:
    """Return the float32 weights of a network that takes pictures of `shape` (H, W, C).

    `arrays` are a file's, named as PyTorch names them: the layer's name, then `.weight` and `.bias`, and for a batch
    normalisation also `.running_mean` and `.running_var`; all of them may have one prefix before.  Arrays of other
    names are left alone.

    Raises UserError, one line that begins with `path`, when an array is missing, is not of floating-point numbers, has
    another shape than the network needs, or holds numbers that cannot be.
    """
    first = next(layer.name for layer in network if isinstance(layer, Conv | Depthwise | Dense))
    return _fitted(network, without_prefix(arrays, f"{first}.weight", path), shape, path)


def _fitted(network: Network, arrays: Mapping[str, Numbers], shape: tuple[int, ...], path: str) -> Weights:
    def array(name: str, *expected: int) -> Numbers:
        if name not in arrays:
            raise UserError(f"{path}: holds no array {name!r}; is it of another network?")
        found = arrays[name]
        if found.shape != expected:
            raise UserError(f"{path}: {name!r} has shape {found.shape}, expected {expected}; is it of another network?")
        if found.dtype.kind != "f":
            raise UserError(f"{path}: {name!r} is of {found.dtype}; expected floating-point numbers")
        return finite(name, found)

    def finite(name: str, found: Numbers) -> Numbers:
        with np.errstate(over="ignore"):
            found = found.astype(np.float32)
        if not np.isfinite(found).all():
            raise UserError(f"{path}: {name!r} holds NaN or infinity; get the file again")
        return found

    def normalised(kernels: Numbers, layer: Conv | Depthwise) -> tuple[Numbers, Numbers]:
        """Return kernels, channel first, and bias: the file's own, or a batch normalisation's folded into them."""
        channels = len(kernels)
        if layer.norm is None:
            return kernels, array(f"{layer.name}.bias", channels)
        gain, bias, mean, variance = (
            array(f"{layer.norm}.{part}", channels) for part in ("weight", "bias", "running_mean", "running_var")
        )
        if variance.min() < 0:
            raise UserError(f"{path}: '{layer.norm}.running_var' holds negative variances; get the file again")
        with np.errstate(over="ignore", invalid="ignore"):
            scale = gain / np.sqrt(variance + np.float32(EPSILON))
            kernels, bias = kernels * scale[:, None, None, None], bias - mean * scale
        return finite(f"{layer.name}.weight", kernels), finite(f"{layer.norm}.bias", bias)

    weights: Weights = {}
    map_shape: tuple[int, ...] = ()
    for layer in network:
        match layer:
            case Conv(name=name, channels=channels, kernel=k):
                kernels, b = normalised(array(f"{name}.weight", channels, shape[2], k, k), layer)
                weights |= {f"{name}.K": np.ascontiguousarray(kernels.transpose(0, 2, 3, 1)), f"{name}.b": b}
            case Depthwise(name=name, kernel=k):
                kernels, b = normalised(array(f"{name}.weight", shape[2], 1, k, k), layer)
                weights |= {
                    f"{name}.K": np.ascontiguousarray(kernels[:, 0].transpose(1, 2, 0)),
                    f"{name}.b": b,
                }
            case Flatten():
                map_shape = shape
            case Dense(name=name, units=units):
                W = array(f"{name}.weight", units, math.prod(shape))
                if map_shape:  # the first layer after `Flatten`: PyTorch flattens channel by channel
                    H, across, C = map_shape
                    W = W.reshape(units, C, H, across).transpose(0, 2, 3, 1).reshape(units, -1)
                    map_shape = ()
                weights |= {f"{name}.W": W, f"{name}.b": array(f"{name}.bias", units)}
            case Residual(layers):
                weights |= _fitted(layers, arrays, shape, path)
        shape = output_shape(layer, shape)
    return weights
