"""`cupy.RawModule`: CUDA source, compiled by a C++ compiler and run on the host memory in the boxes."""

from typing import Any

import numpy as np
from cuda_on_cpu import compile_cuda

from . import rules
from .operands import DeviceMemory


class RawModule:
    """CUDA source.  CuPy compiles it at the first use, so does this."""

    def __init__(self, *, code: str) -> None:
        """Keep the source."""
        self.code = code

    def get_function(self, name: str) -> "RawKernel":
        """Return the kernel of that name."""
        kernels = compile_cuda(self.code)
        if name not in kernels:
            raise AttributeError(f"no kernel {name!r} in the source")
        return RawKernel(kernels[name])


class RawKernel:
    """One kernel."""

    def __init__(self, kernel: Any) -> None:
        """Take the compiled kernel."""
        self._kernel = kernel

    def __call__(self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]) -> None:
        """Queue the kernel; it is one launch."""
        hosts = [self._host(arg) for arg in args]
        rules.count_launch()
        self._kernel(grid, block, tuple(hosts))

    def _host(self, arg: Any) -> Any:
        """Take an argument out of its box; what lies on the host cannot be pointed at."""
        if isinstance(arg, DeviceMemory):
            arg = arg._host
        elif isinstance(arg, np.ndarray):
            raise TypeError(f"{self._kernel.name}: unsupported type {type(arg)}; a kernel sees only device memory")
        rules.check_dtype(getattr(arg, "dtype", None), self._kernel.name)
        return arg
