"""How many threads compute on the CPU: by default, NumPy's matrix products use all cores."""

import os
from contextlib import AbstractContextManager
from importlib.util import find_spec

from mrnn_np.errors import UserError


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
