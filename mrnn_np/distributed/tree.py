r"""The order in which shares are added: pairs, then pairs of pairs, by their numbers and nothing else.

    share   0   1   2   3   4   5   6   7
             \ /     \ /     \ /     \ /
             0+1     2+3     4+5     6+7
                \   /           \   /
                0...3           4...7
                     \         /
                       0 ... 7

Sums of floats are rounded, so that (a + b) + (c + d) and a + (b + (c + d)) differ in their last bits.  Here every sum
is of two blocks that the tree knows, whoever computed them and wherever they meet.
"""

from collections.abc import Callable

from mrnn_np.backend import Array

Block = tuple[int, int]
"""The first share of a block and how many there are: a power of two, of which the first is a multiple."""


def blocks(shares: range) -> list[Block]:
    """Return the largest blocks that consecutive shares are made of, in their order: 2 to 7 are (2, 2) and (4, 4)."""
    found, first = [], shares.start
    while first < shares.stop:
        width = 1
        while first % (2 * width) == 0 and first + 2 * width <= shares.stop:
            width *= 2
        found.append((first, width))
        first += width
    return found


def add_up(block: Block, known: Callable[[Block], Array | None]) -> Array:
    """Return the sum of a block.

    Parameters
    ----------
    block : what to add up
    known : returns the sum of a block where it is at hand, an array that this function may write to, and None where it
        is that of its two halves; of every single share it is at hand
    """
    total = known(block)
    if total is None:
        first, width = block[0], block[1] // 2
        total = add_up((first, width), known)
        total += add_up((first + width, width), known)
    return total
