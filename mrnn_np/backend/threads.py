"""How many threads compute on the CPU: by default, NumPy's matrix products use all cores."""

import contextlib
import contextvars
import ctypes
import functools
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from itertools import repeat
from pathlib import Path
from typing import Any, TypeVar

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


@contextlib.contextmanager
def each_core_by_itself() -> Iterator[int]:
    """Inside this context a product has one thread, and `spread` has as many as a product had, which is what it yields.

    NumPy spreads a matrix product over all cores, but what comes between two products keeps one core busy while the
    others wait.  Here each does whole items, products included, and waits for nobody.  The setting is the process's:
    whoever comes first makes it, and whoever leaves last gives it back, in whichever threads of the caller's they are.
    """
    global _at_work, _spread_over, _limit
    with _entering:
        if _at_work == 0 and (threads := product_threads()) > 1:
            _spread_over, _limit = threads, limit_threads(1)
        _at_work += 1
    try:
        yield _spread_over
    finally:
        with _entering:
            _at_work -= 1
            if _at_work == 0 and _limit is not None:
                _limit.__exit__()
                _spread_over, _limit = 1, None


def spread(do: Callable[..., T], *items: Iterable[Any]) -> list[T]:
    """Return what `do` makes of each item, as `map` does: inside `each_core_by_itself` by all cores, else here."""
    return [*_spread(do, *items)]


def _spread(do: Callable[..., T], *items: Iterable[Any]) -> Iterator[T]:
    if _spread_over == 1 or _worker.get():
        return map(do, *items)
    contexts = (contextvars.copy_context() for _ in repeat(0))
    return _pool(_spread_over).map(partial(_in_a_thread, do), contexts, *items)


def _in_a_thread(do: Callable[..., T], context: contextvars.Context, *item: Any) -> T:
    """`do` in a copy of the caller's context, of which NumPy's errstate is part."""
    context.run(_worker.set, True)
    return context.run(do, *item)


def on_each_core(do: Callable[[S], T], items: Sequence[S], backend: Backend) -> Iterator[T]:
    """Yield what `do` makes of each item, in their order, each core by itself where there are enough of them.

    A GPU is kept busy by one thread, which does them all.
    """
    if backend.name != "numpy" or len(items) < product_threads():
        yield from map(do, items)
        return
    with each_core_by_itself():
        yield from _spread(do, items)


_entering = threading.Lock()
_at_work = 0
_spread_over = 1
_limit: limit_threads | None = None
_worker = contextvars.ContextVar("in a thread that `spread` uses", default=False)


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """The threads, which wait for work between two calls: starting them would take longer than a small step."""
    return ThreadPoolExecutor(threads, "mrnn_np")
