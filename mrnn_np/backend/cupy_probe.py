"""Find out whether CuPy can run here, and if not, what would make it run.

CuPy imports without a GPU or even a driver, `cupy.is_available()` hides the reason, and one CUDA status means
both "no driver" and "driver too old".  So four questions are asked in turn: which CUDA does the driver speak,
does CuPy import, does the CUDA runtime see a GPU, and do a kernel and a matrix product run on it?
"""

import ctypes
import importlib
import os
import sys
from typing import Any

INSUFFICIENT_DRIVER = 35
NO_DEVICE = 100
USE_NUMPY = "without a GPU use --backend numpy"


class CupyUnusableError(Exception):
    """CuPy cannot run here: `problem` says what is wrong and `remedy` what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy


def load_cupy() -> Any:
    """Import CuPy, make sure it runs on a GPU, and return the module.

    The first call on a machine compiles a few small kernels (seconds); CuPy keeps them on disk afterwards.

    Raises
    ------
    CupyUnusableError
        Anything stands in the way; the error names it and the way out.

    """
    driver = driver_cuda_version()
    cupy = _import_cupy(driver)
    _require_gpu(cupy, driver)
    _run_smoke_test(cupy)
    return cupy


def describe_device(cupy: Any) -> str:
    """Return the name of the GPU that CuPy uses, such as "NVIDIA H100 80GB HBM3"."""
    properties = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    name: bytes = properties["name"]
    return name.decode()


def driver_cuda_version() -> tuple[int, int] | None:
    """Return the newest CUDA version the NVIDIA driver supports, as (major, minor), or None without a driver.

    The driver's own library is asked, because CuPy reports a missing driver and an old one alike.
    """
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return None
    version = ctypes.c_int(0)
    status = driver.cuDriverGetVersion(ctypes.byref(version))
    if status != 0 or version.value == 0:
        return None
    return version.value // 1000, version.value % 1000 // 10


def _import_cupy(driver: tuple[int, int] | None) -> Any:
    """Import CuPy, or tell an absent package from a broken one and from a wheel made for other hardware."""
    wheel = _wheel(_cuda_major_for(driver))
    try:
        return importlib.import_module("cupy")
    except ModuleNotFoundError as error:
        if error.name == "cupy":
            hint = "" if driver else f" (no NVIDIA driver was found here either: {USE_NUMPY})"
            raise CupyUnusableError("CuPy is not installed", f"run: {_install(driver)}{hint}") from None
        raise CupyUnusableError(
            f"CuPy is installed but broken (missing module {error.name})",
            f"reinstall it: pip install --force-reinstall '{wheel}'",
        ) from None
    except Exception as error:  # a wheel for other hardware or another NumPy fails in many ways
        raise CupyUnusableError(
            f"CuPy cannot be imported ({_cause(error)})",
            f"uninstall the cupy that `pip list` shows, then run: {_install(driver)}",
        ) from None


def _require_gpu(cupy: Any, driver: tuple[int, int] | None) -> None:
    """Ask the CUDA runtime for its GPUs and turn each way it can refuse into words."""
    runtime = cupy.cuda.runtime
    try:
        count = runtime.getDeviceCount()
    except runtime.CUDARuntimeError as error:
        if driver is None:
            problem = "no NVIDIA driver is installed (libcuda.so.1 not found)"
            remedy = "install one, or use --backend numpy"
        elif error.status == INSUFFICIENT_DRIVER:
            problem, remedy = _driver_too_old(driver, runtime.runtimeGetVersion() // 1000)
        elif error.status == NO_DEVICE:
            problem, remedy = _no_gpu_visible()
        else:
            problem = f"CUDA does not start ({_cause(error)})"
            remedy = f"check that nvidia-smi works; {USE_NUMPY}"
        raise CupyUnusableError(problem, remedy) from None
    if count == 0:
        raise CupyUnusableError(*_no_gpu_visible())


def _driver_too_old(driver: tuple[int, int], cupy_major: int) -> tuple[str, str]:
    """Return problem and remedy for a driver older than the CUDA that this CuPy was built for."""
    problem = f"the NVIDIA driver supports CUDA {driver[0]}.{driver[1]} but this CuPy needs CUDA {cupy_major}"
    remedy = "update the driver"
    if driver[0] == 12:
        remedy += f", or: pip uninstall cupy-cuda{cupy_major}x && {_install(driver)}"
    return problem, remedy


def _no_gpu_visible() -> tuple[str, str]:
    """Return problem and remedy for a driver that shows this process no GPU."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    setting = "is unset" if visible is None else f"is {visible!r}"
    return f"the driver is there but no GPU is visible (CUDA_VISIBLE_DEVICES {setting})", USE_NUMPY


def _run_smoke_test(cupy: Any) -> None:
    """Run a kernel that CuPy compiles and a matrix product: NVRTC and cuBLAS are looked up only when used."""
    try:
        ones = cupy.ones((2, 2), "float32")
        float((ones @ ones).sum())
    except Exception as error:  # each missing library raises a type of its own
        major = cupy.cuda.runtime.runtimeGetVersion() // 1000
        raise CupyUnusableError(
            f"a test kernel failed ({_cause(error)})",
            f"if a CUDA library is missing: pip install '{_wheel(major)}'",
        ) from None


def _cuda_major_for(driver: tuple[int, int] | None) -> int:
    """Return the CUDA major version whose CuPy wheel suits the driver: 12 up to CUDA 12, else 13."""
    return 12 if driver is not None and driver[0] <= 12 else 13


def _install(driver: tuple[int, int] | None) -> str:
    """Return the command that installs the CuPy that suits the driver."""
    return f"pip install '{_wheel(_cuda_major_for(driver))}'"


def _wheel(major: int) -> str:
    """Return CuPy's package for that major version of CUDA, with the CUDA libraries it needs."""
    return f"cupy-cuda{major}x[ctk]"


def _cause(error: Exception) -> str:
    """Return the line of an error that says most, after its type.

    CuPy wraps import errors in a page of advice in which one line quotes the original, such as
    "ImportError: libamdhip64.so.7: cannot open shared object file".
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    quoted = next((line for line in lines[1:] if "Error:" in line), None)
    return quoted or ": ".join([type(error).__name__, *lines[:1]])
