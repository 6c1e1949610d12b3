"""How many threads compute on the CPU: by default, NumPy's matrix products use all cores."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import TypeVar

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.errors import UserError

S = TypeVar("S")
T = TypeVar("T")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def limit_threads(count: int) -> AbstractContextManager[object]:
    """Compute with so many threads from now on; used as a context manager, until it is left, and then as before.

    Sums are split among threads, so that another number of them rounds otherwise; the same number does the same.

    Raises UserError when threadpoolctl, which reaches the threads of NumPy's libraries, is not installed.
    """
    if find_spec("threadpoolctl") is None:
        raise UserError("--threads: threadpoolctl is not installed; run: pip install threadpoolctl")
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(count)
    return limits


def product_threads() -> int:
    """Return how many threads a matrix product has now; 1 where threadpoolctl, which knows, is not installed."""
    if find_spec("threadpoolctl") is None:
        return 1
    from threadpoolctl import threadpool_info

    return max((library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"), default=1)


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
    with limit_threads(1), ThreadPoolExecutor(threads) as pool:
        yield from pool.map(do, items)
