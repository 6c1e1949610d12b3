"""Planted bugs: each of 15 kinds has to be seen by the strict double of CuPy, with the kernels or without."""

import numpy as np
import pytest
from planted_step import BUGS, plant, same, step

from mrnn_np.backend import choose_backend


def seen_by_double(strict_cupy):
    """Return how the double notices that something is wrong, or None."""
    try:
        with strict_cupy.testing_counts() as counts:
            found = step(choose_backend("cupy"), strict_cupy.set_options(allow_sync=False, allow_float64=False))
    except (TypeError, ValueError, AttributeError) as error:
        return repr(error)
    return None if same(found) and counts["d2h"] == 3 else f"differs, {counts}"


def test_without_a_bug_nothing_is_seen(strict_cupy, monkeypatch):
    assert seen_by_double(strict_cupy) is None
    plant(monkeypatch, "layers.recurrent", "xp.zeros((sizes[0]", "xp.zeros((sizes[0]")
    assert seen_by_double(strict_cupy) is None
    monkeypatch.setattr("mrnn_np.backend.dispatch.fits_kernels", lambda args: False)
    assert seen_by_double(strict_cupy) is None


@pytest.mark.parametrize("bug", BUGS)
def test_the_double_sees_it(strict_cupy, monkeypatch, bug):
    plant(monkeypatch, *BUGS[bug])
    with_kernels = seen_by_double(strict_cupy)
    monkeypatch.setattr("mrnn_np.backend.dispatch.fits_kernels", lambda args: False)
    assert with_kernels or seen_by_double(strict_cupy)


def test_numpy_alone_sees_few_of_them(monkeypatch):
    seen = []
    for bug in BUGS:
        with monkeypatch.context() as planted:
            plant(planted, *BUGS[bug])
            with np.errstate(all="ignore"):
                seen += [] if same(step(choose_backend("numpy"))) else [bug]
    assert set(seen) <= {"fancy += loses duplicates", "empty for zeros"}
