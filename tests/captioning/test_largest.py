"""The largest numbers of each row, in short rows and in those that are narrowed down first."""

import numpy as np
import pytest

from mrnn_np.captioning.largest import GROUP, largest


@pytest.mark.parametrize("count", [1, 3, 20])
@pytest.mark.parametrize("width", [20, 100, 40 * GROUP, 41 * GROUP, 41 * GROUP + 5, 5000])
@pytest.mark.parametrize("distinct", [7, 10**6])
def test_they_are_those_that_sorting_finds(count, width, distinct):
    scores = np.random.default_rng(width).integers(0, distinct, (4, width)).astype(np.float32)
    values, columns = largest(scores, count)
    assert np.array_equal(values, -np.sort(-scores, axis=1)[:, :count])
    assert np.array_equal(np.take_along_axis(scores, columns, axis=1), values)
    assert all(len(set(row)) == count for row in columns.tolist())


def test_the_last_columns_that_fill_no_group_count_as_well():
    scores = np.zeros((1, 100 * GROUP + 3))
    scores[0, -1] = 1
    values, columns = largest(scores, 2)
    assert values[0].tolist() == [1, 0]
    assert columns[0, 0] == scores.shape[1] - 1


def test_minus_infinity_comes_last():
    scores = np.full((2, 3000), -np.inf)
    scores[:, 17] = 2
    values, columns = largest(scores, 2)
    assert columns[:, 0].tolist() == [17, 17]
    assert values.tolist() == [[2, -np.inf]] * 2
