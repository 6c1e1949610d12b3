"""A stand-in for CuPy on a computer without a GPU: its arrays refuse what CuPy's refuse, to be handed to NumPy.

Enough of it for an exercise; nothing here runs on a GPU.
"""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

REFUSAL = "an array of the GPU was handed to NumPy, which cannot read it; ask the array for its module, get_xp(x)"


class DeviceArray:
    """An array that only its own module and its own operators work on."""

    def __init__(self, host: Any) -> None:
        self.host = np.asarray(host)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse, as CuPy's arrays do."""
        raise TypeError(REFUSAL)

    __array_ufunc__ = None

    def __array_function__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse, as CuPy's arrays do."""
        raise TypeError(REFUSAL)

    def __getattr__(self, name: str) -> Any:
        """Return a property or method of the array, its results on the device again."""
        if name.startswith("__"):  # among them the doors by which NumPy enters without asking
            raise AttributeError(name)
        found = getattr(self.host, name)
        return on_device(found) if callable(found) else found

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.host)

    def __getitem__(self, index: Any) -> Any:
        """Return a part."""
        return DeviceArray(self.host[_host(index)])


def _operator(name: str) -> Callable[..., Any]:
    def apply(self: DeviceArray, *others: Any) -> Any:
        if any(isinstance(other, np.ndarray) for other in others):
            raise TypeError("an array of the GPU met one of the host; both have to be on the device")
        return DeviceArray(getattr(self.host, name)(*map(_host, others)))

    return apply


for _name in ("add", "sub", "mul", "truediv", "matmul", "pow", "radd", "rsub", "rmul", "rtruediv", "neg", "gt", "lt"):
    setattr(DeviceArray, f"__{_name}__", _operator(f"__{_name}__"))


def _host(value: Any) -> Any:
    return value.host if isinstance(value, DeviceArray) else value


def on_device(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of NumPy as the pretended module has it: device arrays in, device arrays out."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(arg, np.ndarray) for arg in args):
            raise TypeError("an array of the host was handed to the GPU; both have to be on the device")
        result = function(*map(_host, args), **{name: _host(value) for name, value in kwargs.items()})
        return DeviceArray(result) if isinstance(result, np.ndarray | np.generic) else result

    return call


class _Module(ModuleType):
    ndarray = DeviceArray

    def __getattr__(self, name: str) -> Any:
        found = getattr(np, name)
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
