"""`cupyx`: what CuPy has and NumPy lacks."""

from typing import Any

from .device_array import ndarray
from .pinned import empty_pinned as empty_pinned
from .ufuncs import ufunc_with_at


def scatter_add(a: ndarray, slices: Any, value: Any) -> None:
    """Add `value` into `a` at `slices`, as `xp.add.at` does."""
    ufunc_with_at("add").at(a, slices, value)
