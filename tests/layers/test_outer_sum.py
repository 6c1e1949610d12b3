"""Sums over rows, now or later: any rows of them are those of the whole sum."""

import numpy as np
import pytest

from mrnn_np.layers.outer_sum import Later, outer_sum, picked_sum, rows_of, sums_later

RNG = np.random.default_rng(0)
DZ, X = RNG.normal(size=(20, 7)), RNG.normal(size=(20, 5))
E, WORDS, SUMS = np.ones((7, 5)), np.array([1, 2, 5]), RNG.normal(size=(3, 5))
CUTS = [slice(0, 1), slice(1, 5), slice(5, 7)]


def table():
    dE = np.zeros((7, 5))
    dE[[1, 2, 5]] = SUMS
    return dE


def test_now():
    assert np.array_equal(outer_sum(DZ, X), DZ.T @ X)
    assert outer_sum(DZ, X) == pytest.approx(sum(np.outer(dz, x) for dz, x in zip(DZ, X, strict=True)))
    assert np.array_equal(picked_sum(SUMS, WORDS, E), table())


@pytest.mark.parametrize("rows", [slice(None), *CUTS])
def test_later(rows):
    with sums_later():
        product, picked = outer_sum(DZ, X), picked_sum(SUMS, WORDS, E)
    assert isinstance(product, Later)
    assert rows_of(product, rows) == pytest.approx((DZ.T @ X)[rows], rel=1e-14)
    assert np.array_equal(rows_of(picked, rows), table()[rows])
    for both in (product + picked, picked + product, product + table(), table() + product):
        assert rows_of(both, rows) == pytest.approx((DZ.T @ X + table())[rows], rel=1e-14)
    assert np.array_equal(rows_of(X, rows), X[rows])


def test_an_error_ends_later():
    with pytest.raises(ValueError, match="mismatch"), sums_later():
        DZ @ X
    assert isinstance(outer_sum(DZ, X), np.ndarray)
