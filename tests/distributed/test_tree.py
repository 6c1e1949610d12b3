"""The order of addition: every sum is of two blocks of the tree, however the shares are divided up."""

import numpy as np
import pytest

from mrnn_np.distributed.tree import add_up, blocks


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        (range(0, 8), [(0, 8)]),
        (range(2, 8), [(2, 2), (4, 4)]),
        (range(3, 7), [(3, 1), (4, 2), (6, 1)]),
        (range(1, 2), [(1, 1)]),
        (range(5, 5), []),
        (range(0, 6), [(0, 4), (4, 2)]),
    ],
)
def test_the_largest_blocks_that_shares_are_made_of(shares, expected):
    assert blocks(shares) == expected


def test_eight_shares_are_added_in_pairs():
    class Term(str):
        __slots__ = ()

        def __add__(self, other):
            return Term(f"({self}+{other})")

    total = add_up((0, 8), lambda block: Term(block[0]) if block[1] == 1 else None)
    assert total == "(((0+1)+(2+3))+((4+5)+(6+7)))"


def test_a_block_at_hand_is_not_added_again():
    asked = []

    def known(block):
        asked.append(block)
        return np.ones(1) if block in ((0, 2), (2, 1), (3, 1)) else None

    assert add_up((0, 4), known) == 3
    assert asked == [(0, 4), (0, 2), (2, 2), (2, 1), (3, 1)]
