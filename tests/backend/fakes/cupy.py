"""Stands in for CuPy in a subprocess and fails as the variable FAKE_CUPY says, in the words of CuPy 14."""

import os
from types import SimpleNamespace
from typing import Any

import numpy as np

FAILURE = os.environ["FAKE_CUPY"]

STATUS_TEXTS = {
    3: "cudaErrorInitializationError: initialization error",
    35: "cudaErrorInsufficientDriver: CUDA driver version is insufficient for CUDA runtime version",
    100: "cudaErrorNoDevice: no CUDA-capable device is detected",
    804: "cudaErrorCompatNotSupportedOnDevice: forward compatibility was attempted on non supported HW",
    999: "cudaErrorUnknown: unknown error",
}

OTHER_HARDWARE = """
================================================================
Failed to import CuPy.

If you installed CuPy via wheels, make sure that the package matches with the version of CUDA or ROCm installed.

Original error:
  ImportError: libamdhip64.so.7: cannot open shared object file: No such file or directory
================================================================
"""

if FAILURE == "not installed":
    raise ModuleNotFoundError("No module named 'cupy'", name="cupy")
if FAILURE == "broken":
    raise ModuleNotFoundError("No module named 'cuda.pathfinder'", name="cuda.pathfinder")
if FAILURE == "other hardware":
    raise ImportError(OTHER_HARDWARE)
if FAILURE == "other NumPy":
    raise ValueError("numpy.dtype size changed, may indicate binary incompatibility\nExpected 96, got 88")

__version__ = "14.2.0"
ndarray = np.ndarray


class CUDARuntimeError(RuntimeError):
    """The CUDA runtime refuses; `status` is its number."""

    def __init__(self, status: int) -> None:
        super().__init__(STATUS_TEXTS[status])
        self.status = status


class DynamicLibNotFoundError(RuntimeError):
    """A CUDA library is missing."""


def count_devices() -> int:
    """Return the number of GPUs, or fail with the status in FAKE_CUPY, as "status 35"."""
    if FAILURE.startswith("status "):
        raise CUDARuntimeError(int(FAILURE.removeprefix("status ")))
    return 0 if FAILURE == "no devices" else 1


def ones(shape: tuple[int, ...], dtype: str) -> Any:
    """Compile and run a kernel."""
    if FAILURE == "no NVRTC":
        raise DynamicLibNotFoundError('Failure finding "libnvrtc.so.13": No such file\n  listdir("lib"): ...')
    return WithoutProducts() if FAILURE == "no cuBLAS" else np.ones(shape, dtype)


class WithoutProducts:
    """An array that has lost its matrix product."""

    def __matmul__(self, other: Any) -> Any:
        """Look for cuBLAS in vain."""
        raise ImportError("libcublas.so.13: cannot open shared object file: No such file or directory")


cuda = SimpleNamespace(
    Device=lambda: SimpleNamespace(id=0),
    runtime=SimpleNamespace(
        CUDARuntimeError=CUDARuntimeError,
        getDeviceCount=count_devices,
        getDeviceProperties=lambda device: {"name": b"NVIDIA Fake 100"},
        runtimeGetVersion=lambda: int(os.environ.get("FAKE_CUPY_CUDA", "13020")),
    ),
)
