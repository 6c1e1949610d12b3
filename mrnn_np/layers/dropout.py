"""Dropout: during training each unit is kept with probability 1 - rate and then divided by it; our addition.

The masks are drawn on the host, so both backends see the same ones, and frozen masks can be gradient-checked.  Only
what leaves a layer upward is dropped: the recurrence itself sees r(t-1) whole.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array


def dropout(x: Array, mask: Array | None) -> Array:
    """x * mask, where `mask` holds 0 or 1 / (1 - rate) in the shape and dtype of x; x itself where there is no mask.

    The backward is the same function: d_x = dropout(d_y, mask).
    """
    return x if mask is None else x * mask


def draw_mask(
    rng: np.random.Generator, shape: tuple[int, ...], rate: float, dtype: np.typing.DTypeLike = np.float32
) -> Array | None:
    """Return a host mask that is 0 with probability `rate`, else 1 / (1 - rate), so its mean is 1; None at rate 0."""
    if rate == 0:
        return None
    kept = rng.random(shape, np.float32) >= rate
    return kept.astype(dtype) / np.asarray(1 - rate, dtype)


@dataclass(frozen=True)
class Masks:
    """The masks of one batch, of e, r, m and the image feature I; None where nothing is dropped."""

    e: Array | None = None
    r: Array | None = None
    m: Array | None = None
    I: Array | None = None

    def to(self, asarray: Callable[[Array], Array]) -> "Masks":
        """Return the same masks moved by `asarray`, as `Backend.asarray` does."""
        return Masks(*(None if mask is None else asarray(mask) for mask in (self.e, self.r, self.m, self.I)))


NO_DROPOUT = Masks()
