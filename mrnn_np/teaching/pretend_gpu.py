"""A stand-in for CuPy on a computer without a GPU: its arrays do what CuPy's do when they meet NumPy.

NumPy's functions hand them over to CuPy's, so that `np.sqrt(x)` stays on the GPU.  What is refused is to make a NumPy
array of one without being asked to, and to compute with one on the GPU and one on the host.  Enough of it for an
exercise; nothing here runs on a GPU.
"""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

NO_CONVERSION = (
    "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array explicitly."
)
UNSUPPORTED = "Unsupported type <class 'numpy.ndarray'>"
REDUCTIONS = "sum", "prod", "max", "min", "mean", "var", "std", "argmax", "argmin"
"""Functions that ask whatever they are given for its method of that name: those of CuPy take NumPy's arrays as well."""


class DeviceArray:
    """An array whose numbers the host does not see."""

    def __init__(self, host: Any) -> None:
        self.host = np.asarray(host)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse, as CuPy's arrays do."""
        raise TypeError(NO_CONVERSION)

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        """Do what one of NumPy's element-wise functions does, on the device."""
        if any(isinstance(arg, list | tuple) for arg in args):
            return NotImplemented
        return on_device(getattr(ufunc, method))(*args, **kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Do what another function of NumPy's does, on the device."""
        return on_device(function)(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        """Return a property or method of the array, its results on the device again."""
        if name.startswith("__"):  # among them the doors by which NumPy enters without asking
            raise AttributeError(name)
        found = getattr(self.host, name)
        return on_device(found) if callable(found) else found

    def get(self) -> Any:
        """Return a NumPy array: here somebody asks for it."""
        return self.host.copy()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.host)

    def __float__(self) -> float:
        """Wait for the one number and look at it."""
        return float(self.host)

    def __bool__(self) -> bool:
        """Wait for the one number and look at it."""
        return bool(self.host)

    def __getitem__(self, index: Any) -> Any:
        """Return a part."""
        return DeviceArray(self.host[_host(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write numbers of the device, or one number, to a part."""
        if isinstance(value, np.ndarray) and value.ndim:
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        self.host[_host(index)] = _host(value)


def _operator(name: str) -> Callable[..., Any]:
    def apply(self: DeviceArray, *others: Any) -> Any:
        if any(isinstance(other, list | tuple) for other in others):
            return NotImplemented
        return on_device(getattr(np.ndarray, name))(self, *others)

    return apply


for _name in ("add", "sub", "mul", "truediv", "matmul", "pow", "radd", "rsub", "rmul", "rtruediv", "neg", "gt", "lt"):
    setattr(DeviceArray, f"__{_name}__", _operator(f"__{_name}__"))


def _host(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(map(_host, value))
    return value.host if isinstance(value, DeviceArray) else value


def _of_the_host(value: Any) -> bool:
    return any(map(_of_the_host, value)) if isinstance(value, list | tuple) else isinstance(value, np.ndarray)


def on_device(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of NumPy as the pretended module has it: device arrays in, device arrays out."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if _of_the_host([*args, *kwargs.values()]):
            raise TypeError(UNSUPPORTED)
        result = function(*_host(args), **{name: _host(value) for name, value in kwargs.items()})
        return DeviceArray(result) if isinstance(result, np.ndarray | np.generic) else result

    return call


class _Module(ModuleType):
    ndarray = DeviceArray

    def __getattr__(self, name: str) -> Any:
        found = getattr(np, name)
        if name in ("asarray", "array"):  # of whatever there is: this is how arrays come to the device
            return lambda x, *args, **kwargs: DeviceArray(found(_host(x), *args, **kwargs))
        if name in REDUCTIONS:
            return lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs)
        return on_device(found) if callable(found) and not isinstance(found, type) else found


class PretendedCupy:
    """Within a `with`, `get_xp` finds the pretended module; afterwards things are as before."""

    def __enter__(self) -> None:
        self.before = sys.modules.get("cupy")
        sys.modules["cupy"] = _Module("cupy")

    def __exit__(self, *exception: Any) -> None:
        if self.before is None:
            del sys.modules["cupy"]
        else:
            sys.modules["cupy"] = self.before
