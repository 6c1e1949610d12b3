"""The functions of the double: those with a body of their own, and the maker of all the others."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from . import rules
from .calls import checked_call
from .device_array import boxed, ndarray
from .operands import DeviceMemory, contains_device_memory, evaluate
from .signatures import API, bind, parse_signature


def array(obj: Any, dtype: Any = None, copy: bool = True, **refused: Any) -> ndarray:
    """Copy a device array, or upload a host array, a number or a list of numbers.

    Raises
    ------
    StrictError
        A list of device arrays: one kernel per element.
    ValueError
        A dtype that CuPy lacks, such as object or str.

    """
    bind("array", parse_signature(API["functions"]["array"]), (obj, dtype, copy), refused)
    if isinstance(obj, DeviceMemory):
        rules.count_launch()
        return ndarray._of(np.array(obj._host, dtype=dtype, copy=copy or None))
    if contains_device_memory(obj):
        raise rules.StrictError("array: a list of device arrays is gathered one by one; use xp.stack")
    host = np.array(obj, dtype=dtype)
    if host.dtype.kind not in "biufc" or host.dtype.itemsize > 16 or host.dtype == np.longdouble:
        raise ValueError(f"Unsupported dtype {host.dtype}")
    rules.count_upload(host)
    return ndarray._of(host)


def asarray(
    a: Any, dtype: Any = None, order: Any = None, *, copy: bool | None = None, blocking: bool = False
) -> ndarray:
    """Return `a` itself if it is a device array of that dtype, else a new device array."""
    if isinstance(a, ndarray) and not copy and dtype in (None, a.dtype):
        return a
    return array(a, dtype)


def ascontiguousarray(a: Any, dtype: Any = None) -> ndarray:
    """Return `a` in C order, itself if it is so already."""
    result = asarray(a, dtype)
    return result if result.flags.c_contiguous else ndarray._of(np.ascontiguousarray(result._host))


def asnumpy(a: Any, stream: Any = None, order: str = "C", out: Any = None, *, blocking: bool = True) -> np.ndarray:
    """Download a device array; a host array comes back as it is."""
    return a.get(order=order, out=out) if isinstance(a, ndarray) else np.asarray(a)


def empty(shape: Any, dtype: Any = float, order: str = "C") -> ndarray:
    """Return an array of NaN (wild numbers for integers), so that reading what was never written shows."""
    if contains_device_memory(shape):
        raise TypeError("empty: 'ndarray' object cannot be interpreted as an integer")
    host = np.empty(shape, dtype, order)
    kind = host.dtype.kind
    host[...] = True if kind == "b" else np.iinfo(host.dtype).max if kind in "iu" else np.nan
    return ndarray._of(host)


def empty_like(
    prototype: ndarray, dtype: Any = None, order: str = "C", subok: Any = None, shape: Any = None
) -> ndarray:
    """Return an unwritten array of the shape and dtype of `prototype`."""
    if not isinstance(prototype, ndarray):
        raise TypeError(f"empty_like: a device array is needed, got {type(prototype)}")
    return empty(prototype.shape if shape is None else shape, dtype or prototype.dtype)


def matmul(a: Any, b: Any, out: Any = None, **options: Any) -> ndarray:
    """Return the matrix product, in `out` if given."""
    result = evaluate(np.matmul, a, b, out=out, **options)
    return ndarray._of(result) if out is None else out


def get_array_module(*args: Any) -> Any:
    """Return the double if a device array is among the arguments, else NumPy."""
    return sys.modules[__package__] if any(isinstance(arg, ndarray) for arg in args) else np


def is_available() -> bool:
    """Say that a device is there."""
    return True


def covered(numpy_function: Callable[..., Any], signature_text: str) -> Callable[..., Any]:
    """Make a function of device arrays from NumPy's arithmetic and CuPy's signature."""
    name, signature = numpy_function.__name__, parse_signature(signature_text)

    @wraps(numpy_function)
    def function(*args: Any, **kwargs: Any) -> Any:
        return boxed(checked_call(name, signature, numpy_function, args, kwargs))

    return function
