"""The device array of the double."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import indexing, rules
from .calls import METHOD_SIGNATURES, checked_call
from .operators import Operators
from .pinned import is_pinned


def _download(convert: Callable[[np.ndarray], Any], what: str) -> Callable[[Any], Any]:
    """Make a method that converts the array on the host, as `float(x)` does: a download and a wait."""

    def method(self: Any) -> Any:
        rules.count_download(self._host, what)
        return convert(self._host)

    return method


class ndarray(Operators):
    """An array that pretends to lie on a device: a stand-in for `cupy.ndarray`.

    Arithmetic stands in `Operators`; the methods, with CuPy's keywords, are looked up in cupy_api.json.
    """

    __slots__ = ()
    __module__ = "cupy"
    __array_ufunc__ = None

    @classmethod
    def _of(cls, host: Any) -> "ndarray":
        """Put a result of NumPy's in a box; a scalar becomes a 0-d array, as on a device."""
        host = np.asarray(host)
        rules.check_dtype(host.dtype, "result")
        box = object.__new__(cls)
        box._host = host
        return box

    def __new__(cls, *args: Any, **kwargs: Any) -> "ndarray":
        """Refuse: device arrays are made by functions."""
        raise TypeError("make device arrays with xp.empty or xp.asarray")

    def __getattr__(self, name: str) -> Any:
        """Find a method by its name in cupy_api.json."""
        if name not in METHOD_SIGNATURES:
            raise AttributeError(f"cupy.ndarray has no attribute {name!r}, or the strict double lacks it")
        numpy_method = getattr(np.ndarray, name)

        def method(*args: Any, **kwargs: Any) -> Any:
            result = checked_call(name, METHOD_SIGNATURES[name], numpy_method, args, kwargs, self)
            return self if result is self._host else boxed(result)

        return method

    shape = property(lambda self: self._host.shape)
    dtype = property(lambda self: self._host.dtype)
    ndim = property(lambda self: self._host.ndim)
    size = property(lambda self: self._host.size)
    nbytes = property(lambda self: self._host.nbytes)
    itemsize = property(lambda self: self._host.itemsize)
    strides = property(lambda self: self._host.strides)
    flags = property(lambda self: self._host.flags)
    T = property(lambda self: self._of(self._host.T))
    mT = property(lambda self: self._of(self._host.mT))
    real = property(lambda self: self._of(self._host.real))
    imag = property(lambda self: self._of(self._host.imag))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Refuse `np.asarray(x)`."""
        raise TypeError("Implicit conversion to a NumPy array is not allowed; use xp.asnumpy")

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Refuse `np.sum(x)` and its like, which CuPy accepts."""
        raise rules.StrictError(f"numpy.{function.__name__} was called on a device array; call it through xp")

    def get(self, stream: Any = None, order: str = "C", out: Any = None, blocking: bool = True) -> np.ndarray:
        """Download the array."""
        rules.count_download(self._host, ".get()")
        if out is None:
            return np.array(self._host, order=order)
        out[...] = self._host
        return out

    def set(self, arr: np.ndarray, stream: Any = None) -> None:
        """Upload a host array of the same shape and dtype into this one."""
        if not isinstance(arr, np.ndarray) or arr.dtype != self._host.dtype:
            raise TypeError(f"set: a numpy.ndarray of {self._host.dtype} is needed")
        if arr.shape != self._host.shape:
            raise ValueError(f"set: shape {arr.shape} does not fit {self._host.shape}")
        rules.count_upload(arr)
        if stream is None:
            self._host[...] = arr
            return
        if not is_pinned(arr):
            raise rules.StrictError("set(stream=): from memory that is not pinned the host waits for the copy")
        stream._copy(self._host, arr)

    item = _download(np.ndarray.item, ".item()")
    tolist = _download(np.ndarray.tolist, ".tolist()")
    __float__ = _download(float, "float()")
    __int__ = _download(int, "int()")
    __complex__ = _download(complex, "complex()")
    __bool__ = _download(bool, "bool()")
    __str__ = _download(str, "str()")
    __repr__ = _download(repr, "repr()")

    def __format__(self, spec: str) -> str:
        """Download, then format a number or an array, as f-strings ask."""
        rules.count_download(self._host, "format()")
        return format(self._host[()] if self._host.ndim == 0 else self._host, spec)

    def __len__(self) -> int:
        """Return the length of the first axis."""
        return len(self._host)

    def __iter__(self) -> Iterator["ndarray"]:
        """Yield views along the first axis."""
        if self._host.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self)))

    def __contains__(self, value: Any) -> bool:
        """Refuse `value in x`, which would compare on the host, element by element."""
        raise rules.StrictError("`in` on a device array waits once for every element")

    def __copy__(self) -> "ndarray":
        """Return a copy on the device."""
        return self.copy()

    def __deepcopy__(self, memo: Any) -> "ndarray":
        """Return a copy on the device."""
        return self.copy()

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Refuse to be pickled."""
        raise rules.StrictError("pickling a device array downloads it")

    def __getitem__(self, key: Any) -> "ndarray":
        """Read a part: a view where NumPy gives one."""
        return self._of(indexing.read(self, key))

    def __setitem__(self, key: Any, value: Any) -> None:
        """Write a part."""
        indexing.write(self, key, value)


def boxed(result: Any) -> Any:
    """Make device arrays of every NumPy array and scalar in a result."""
    if isinstance(result, (list, tuple)):
        return type(result)([boxed(item) for item in result])
    return ndarray._of(result) if isinstance(result, (np.ndarray, np.generic, bool)) else result
