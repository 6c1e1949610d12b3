"""Passes over a large array, a few rows at a time: each pass finds in the cache what the last one left there."""

from collections.abc import Iterator

import numpy as np

from mrnn_np.backend.arrays import Array, get_xp

BLOCK = 2**17
"""Numbers worked on together: half a megabyte of float32."""


def row_blocks(x: Array, block: int = BLOCK) -> Iterator[slice]:
    """The rows of `x`, (N, ...), as slices of about `block` numbers and at least one row each; on a GPU as one."""
    if x.size:
        rows = max(1, block * len(x) // x.size) if get_xp(x) is np else len(x)
        for start in range(0, len(x), rows):
            yield slice(start, min(start + rows, len(x)))
