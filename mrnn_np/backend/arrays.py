"""An array of either module, and the module that made it."""

import sys
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = Any
"""An array of either module.  NumPy and CuPy share no base class a type checker could name."""


def get_xp(x: Array) -> Any:
    """Return the module that made `x`: CuPy for a CuPy array, NumPy for everything else.

    A CuPy array can only exist once CuPy has been imported, so looking among the imported modules is enough,
    and the NumPy path never pays for importing CuPy.
    """
    cupy = sys.modules.get("cupy")
    return cupy if cupy is not None and isinstance(x, cupy.ndarray) else np
