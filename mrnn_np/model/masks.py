"""Dropout masks of one batch, drawn on the host so that NumPy and CuPy train on the same ones."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array


@dataclass(frozen=True)
class Masks:
    """Masks of e, r, m and the image feature I, each 0 or 1 / (1 - rate), or None where nothing is dropped."""

    e: Array | None = None
    r: Array | None = None
    m: Array | None = None
    I: Array | None = None

    def to(self, asarray: Callable[[Array], Array]) -> "Masks":
        """Return the same masks moved by `asarray`, as `Backend.asarray` does."""
        return Masks(*(None if mask is None else asarray(mask) for mask in (self.e, self.r, self.m, self.I)))


NO_DROPOUT = Masks()


def draw_mask(
    rng: np.random.Generator, shape: tuple[int, int], rate: float, dtype: np.typing.DTypeLike = np.float32
) -> Array | None:
    """Return a host mask that is 0 with probability `rate`, else 1 / (1 - rate), so its mean is 1; None at rate 0."""
    if rate == 0:
        return None
    kept = rng.random(shape, np.float32) >= rate
    return kept.astype(dtype) / np.asarray(1 - rate, dtype)
