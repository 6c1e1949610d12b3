"""How a layer's readable form hands over to a kernel on a GPU.

    @on_gpu(kernels.g2)
    def g2(z): ...

The body of the function is what is meant, what NumPy runs, and what the kernel is tested against.  On a GPU the kernel
does the same in one launch, where its arrays are ones it can work on.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np

from mrnn_np.backend.arrays import get_xp

P = ParamSpec("P")
R = TypeVar("R")


def on_gpu(kernel: Callable[P, R]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a readable function: where `fits_kernels` says so, `kernel` is called in its place."""

    def decorate(readable: Callable[P, R]) -> Callable[P, R]:
        @wraps(readable)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            form = kernel if not kwargs and fits_kernels(args) else readable
            return form(*args, **kwargs)

        return run

    return decorate


def fits_kernels(args: tuple[Any, ...]) -> bool:
    """Say whether a kernel can work on these arguments, of which the first is an array.

    Its arrays lie on a GPU, without gaps, none is empty, and all that are not integer are float32 or all are float64:
    the complex numbers of a gradient check take the readable form.
    """
    xp = get_xp(args[0])
    if xp is np:
        return False
    arrays = [arg for arg in args if isinstance(arg, xp.ndarray)]
    dtypes = {array.dtype.name for array in arrays if array.dtype.kind not in "iu"}
    return dtypes in ({"float32"}, {"float64"}) and all(array.size and array.flags.c_contiguous for array in arrays)
