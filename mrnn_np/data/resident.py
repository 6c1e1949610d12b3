"""Image features that stay on the GPU where they fit: of its images, a batch then carries row numbers alone."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.data.batches import Batch

ROWS_AT_A_TIME = 1024
"""Rows that are read and uploaded together, so that the host never holds the table."""


def resident_images(backend: Backend, images: Array, read_images: Callable[[Array], Array]) -> "ResidentImages | None":
    """Return a table on the device of all images in `images`, or None on NumPy and where it does not fit."""
    width = read_images(images[:1]).shape[1]
    if not width or not fits(backend, len(np.unique(images)), width):
        return None
    return ResidentImages(backend, images, read_images)


def fits(backend: Backend, rows: int, width: int) -> bool:
    """Whether a table of so many float32 fits: half of what is free at most, the rest is for training."""
    if backend.name == "numpy":
        return False
    free: int = backend.xp.cuda.Device().mem_info[0]
    return rows * width * 4 <= free // 2


class ResidentImages:
    """A table of features on the device that stands in for `read_images`.

    `pack` calls it for the features of a batch and gets the rows of the table; once the batch is on the device,
    `gather` puts the features there.

    Parameters
    ----------
    images : the numbers of all images that will be asked for, in any order, repeated or not
    read_images : image numbers -> their features, host float32 (len, d_I)
    """

    def __init__(self, backend: Backend, images: Array, read_images: Callable[[Array], Array]) -> None:
        self.images = np.unique(images)
        width = read_images(self.images[:1]).shape[1]
        self.table = backend.xp.empty((len(self.images), width), np.float32)
        for start in range(0, len(self.images), ROWS_AT_A_TIME):
            some = slice(start, start + ROWS_AT_A_TIME)
            self.table[some] = backend.asarray(read_images(self.images[some]))

    def __call__(self, images: Array) -> Array:
        """Return the rows of the table that hold those images, host int32 (len(images),)."""
        return np.searchsorted(self.images, images).astype(np.int32)

    def gather(self, batch: Batch) -> Batch:
        """Return a batch on the device with its features in the place of their rows."""
        return replace(batch, features=self.table[batch.features])
