"""How many threads compute on the CPU: by default, NumPy's matrix products use all cores."""

import contextvars
import ctypes
import functools
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.errors import UserError

S = TypeVar("S")
T = TypeVar("T")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def product_threads() -> int:
    """Return how many threads a matrix product has now; 1 where that cannot be known."""
    blas = _blas()
    return blas[0]() if blas else 1


class limit_threads:
    """Compute with so many threads from now on; used as a context manager, until it is left, and then as before.

    Sums are split among threads, so that another number of them rounds otherwise; the same number does the same.

    Raises UserError when NumPy's products come from a library that neither we nor threadpoolctl can reach.
    """

    def __init__(self, count: int) -> None:
        blas = _blas()
        if blas is None:
            install = "" if find_spec("threadpoolctl") else "; run: pip install threadpoolctl"
            raise UserError(
                f"--threads: the library of NumPy's products cannot be told how many threads to take{install}"
            )
        read, self._set = blas
        self._before = read()
        self._set(count)

    def __enter__(self) -> None:
        """Nothing: the limit holds already."""

    def __exit__(self, *error: object) -> None:
        """Give the threads back."""
        self._set(self._before)


@functools.cache
def _blas() -> tuple[Callable[[], int], Callable[[int], object]] | None:
    """How to read and to set the number of threads of NumPy's products, None where that cannot be done.

    NumPy's wheels bring an OpenBLAS, whose two functions are called directly.  threadpoolctl, if it is installed, knows
    the libraries of other builds; it takes a thousand times as long, too long for twice in a training step.
    """
    for folder in (Path(np.__file__).parents[1] / "numpy.libs", Path(np.__file__).parent / ".dylibs"):
        for path in sorted(folder.glob("*openblas*")):
            library = ctypes.CDLL(str(path))
            for suffix in ("64_", ""):
                try:
                    read = library[f"scipy_openblas_get_num_threads{suffix}"]
                    return read, library[f"scipy_openblas_set_num_threads{suffix}"]
                except AttributeError:
                    continue
    if find_spec("threadpoolctl") is None:
        return None
    from threadpoolctl import ThreadpoolController

    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    if not libraries:
        return None
    return (
        lambda: max(library.get_num_threads() for library in libraries),
        lambda count: [library.set_num_threads(count) for library in libraries],
    )


def shares(rows: Array, backend: Backend, least: int = 1) -> list[Array]:
    """Cut host rows into a share for each thread of a product; into one on a GPU, or if one would be below `least`."""
    count = product_threads() if backend.name == "numpy" else 1
    return np.array_split(rows, count if len(rows) >= least * count else 1)


def on_each_core(do: Callable[[S], T], items: Sequence[S]) -> Iterator[T]:
    """Yield what `do` makes of each item, in their order, by as many threads as a product has.

    NumPy spreads a matrix product over all cores, but what comes between two products keeps one core busy while the
    others wait.  Here each does whole items, products included, and waits for nobody.
    """
    threads = product_threads()
    if threads == 1 or len(items) < threads:
        yield from map(do, items)
        return
    with limit_threads(1):
        # NumPy's errstate is part of a thread's context, and each running context needs a copy of its own.
        contexts = [contextvars.copy_context() for _ in items]
        yield from _pool(threads).map(lambda context, item: context.run(do, item), contexts, items)


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """The threads, which wait for work between two calls: starting them would take longer than a small step."""
    return ThreadPoolExecutor(threads, "mrnn_np")
