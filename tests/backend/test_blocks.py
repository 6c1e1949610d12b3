"""Blocks of rows: every row once, in order, as many as fit."""

import numpy as np
import pytest

from mrnn_np.backend.blocks import BLOCK, row_blocks


@pytest.mark.parametrize(
    ("shape", "block", "expected"),
    [
        ((7,), 3, [(0, 3), (3, 6), (6, 7)]),
        ((5, 4), 8, [(0, 2), (2, 4), (4, 5)]),
        ((4, 2), 100, [(0, 4)]),
        ((3, 10), 4, [(0, 1), (1, 2), (2, 3)]),
        ((0, 5), 4, []),
        ((5, 0), 4, []),
    ],
)
def test_every_row_is_in_one_block(shape, block, expected):
    assert [(some.start, some.stop) for some in row_blocks(np.empty(shape), block)] == expected


def test_a_gpu_takes_all_rows_at_once(strict_cupy):
    x = strict_cupy.asarray(np.zeros((BLOCK, 2), np.float32))
    assert list(row_blocks(x)) == [slice(0, BLOCK)]
