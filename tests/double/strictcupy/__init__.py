"""A strict double of CuPy, made of NumPy alone: it runs where neither a GPU nor CuPy is.

A program that runs on the double also runs on CuPy, as far as the double covers it, and runs well: the double
refuses what CuPy accepts but pays for in hidden transfers, hidden waits and hidden float64, and counts the
transfers, waits and kernel launches that remain.

    with xp.testing_counts() as counts, xp.set_options(allow_sync=False, allow_float64=False):
        step()
    assert counts["h2d"] == 0

The names and signatures are those of the CuPy in cupy_api.json; any other name is an AttributeError.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

from . import cuda as cuda
from . import functions
from .device_array import ndarray as ndarray
from .functions import covered
from .functions import matmul as matmul
from .raw_module import RawModule as RawModule
from .rules import StrictError as StrictError
from .rules import set_options as set_options
from .rules import testing_counts as testing_counts
from .signatures import API
from .ufuncs import ufunc, ufunc_with_at

__version__ = API["cupy"] + "+strict.double"


def _namespace(numpy_module: Any, section: str) -> SimpleNamespace:
    """Return the functions that cupy_api.json lists in one section."""
    return SimpleNamespace(**{name: covered(getattr(numpy_module, name), text) for name, text in API[section].items()})


linalg = _namespace(np.linalg, "linalg")
lib = SimpleNamespace(stride_tricks=_namespace(np.lib.stride_tricks, "stride_tricks"))
newaxis, pi, e, inf, nan = np.newaxis, np.pi, np.e, np.inf, np.nan
dtype, finfo, iinfo, issubdtype = np.dtype, np.finfo, np.iinfo, np.issubdtype
floating, integer = np.floating, np.integer
bool_, complex64, complex128 = np.bool_, np.complex64, np.complex128
float16, float32, float64 = np.float16, np.float32, np.float64
int8, int16, int32, int64 = np.int8, np.int16, np.int32, np.int64
uint8, uint16, uint32, uint64 = np.uint8, np.uint16, np.uint32, np.uint64

for _name, _text in API["functions"].items():
    globals()[_name] = getattr(functions, _name, None) or covered(getattr(np, _name), _text)
for _name in API["ufuncs"]:
    globals()[_name] = (ufunc_with_at if _name in ("add", "maximum", "minimum") else ufunc)(_name)


def __getattr__(name: str) -> Any:
    """Explain a missing name."""
    raise AttributeError(f"cupy has no attribute {name!r}, or the strict double lacks it")
