"""Elementwise functions: CuPy's ufuncs, which know fewer keywords than NumPy's."""

from typing import Any

import numpy as np

from . import rules
from .device_array import ndarray
from .indexing import host_key
from .operands import evaluate, host_operand

ADD_AT_DTYPES = ("int32", "uint32", "int64", "uint64", "float16", "float32", "float64")


class ufunc:
    """One elementwise function of device arrays and scalars."""

    def __init__(self, name: str) -> None:
        """Take the arithmetic of NumPy's ufunc `name`."""
        self._numpy: np.ufunc = getattr(np, name)
        self.name = f"cupy_{name}"
        self.nin, self.nout = self._numpy.nin, self._numpy.nout

    def __call__(self, *operands: Any, out: Any = None, **options: Any) -> ndarray:
        """Evaluate; the keywords are `out`, `dtype` and `casting`, and no `where`."""
        if not set(options) <= {"dtype", "casting"}:
            raise TypeError(f"{self.name}: wrong arguments {options}; CuPy takes out, dtype and casting")
        if len(operands) != self.nin:
            raise TypeError(f"{self.name}: {self.nin} operands are needed, got {len(operands)}; use out=")
        result = evaluate(self._numpy, *operands, out=out, **options)
        return ndarray._of(result) if out is None else out


class ufunc_with_at(ufunc):
    """One that also scatters: `xp.add.at(a, indices, b)` adds as often as an index occurs."""

    def at(self, a: ndarray, indices: Any, b: Any) -> None:
        """Combine `b` into `a` at the indices, in `a`'s dtype."""
        if not isinstance(a, ndarray):
            raise TypeError(f"{self.name}.at: a device array is needed, got {type(a)}")
        if a.dtype not in ADD_AT_DTYPES:
            raise TypeError(f"{self.name}.at: {a.dtype} is not supported")
        value = host_operand(b, f"{self.name}.at")
        host = host_operand(a, f"{self.name}.at")
        rules.count_launch()
        self._numpy.at(host, host_key(indices, host.shape), np.asarray(value, host.dtype))
