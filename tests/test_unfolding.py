"""How large a value is for whoever walks it: counted by hand, and what is shared counted wherever it stands."""

import numpy as np
import pytest

from mrnn_np.unfolding import DEEPEST, _extent, walkable


@pytest.mark.parametrize(
    ("value", "size", "height"),
    [
        (3, 2, 0),
        ("abc", 5, 0),
        ([1, 2], 5, 1),
        (["ab", b"cde"], 10, 1),
        ({"a": [1]}, 8, 2),
        (np.zeros(3, np.float32), 13, 0),
        ([[1, 2]] * 3, 15, 2),
    ],
)
def test_size_and_height_by_hand(value, size, height):
    """A number is one, a text one more than its letters, an array its bytes, a container two more than its content."""
    assert _extent([value], {}, 0) == (size, height)


def test_what_unfolds_beyond_its_bytes_is_refused():
    long = ["x" * 1000]
    assert walkable([long] * 900, 10) == [long] * 900
    with pytest.raises(ValueError, match="its 10 bytes unfold to more than 1,000,000 values"):
        walkable([long] * 1100, 10)
    assert walkable([long] * 1100, 10_000)


def test_the_depth_has_an_end():
    for depth in (DEEPEST, DEEPEST + 1):
        value = []
        for _ in range(depth):
            value = [value]
        if depth == DEEPEST:
            assert walkable(value, 1) is value
        else:
            with pytest.raises(ValueError, match="nested more than 100 deep"):
                walkable([value], 1)
