"""What the double forbids beyond CuPy, and what it counts."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np


class StrictError(TypeError):
    """CuPy would accept this, but it hides a transfer, a wait or a double, or is undefined on a GPU."""


@dataclass
class Options:
    """What a test may forbid for a while, with `set_options`.

    `allow_sync`: the host may wait for the device, as `float(x)` does.
    `allow_float64`: operands, intermediates and results may be float64 or complex128.
    """

    allow_sync: bool = True
    allow_float64: bool = True


options = Options()

counts: Counter[str] = Counter()
"""Uploads "h2d" and downloads "d2h" with their "h2d_bytes" and "d2h_bytes", waits "sync", kernels "launch".

A call counts as one launch, whatever number of kernels CuPy really makes of it; a view counts as none.
"""


@contextmanager
def testing_counts() -> Iterator[Counter[str]]:
    """Yield a counter that holds, after the block, what was counted inside it."""
    before = counts.copy()
    inside: Counter[str] = Counter()
    try:
        yield inside
    finally:
        inside.update(counts - before)


@contextmanager
def set_options(**changes: bool) -> Iterator[None]:
    """Change fields of `Options` for the length of a block."""
    before = {name: getattr(options, name) for name in changes}
    for name, value in changes.items():
        setattr(options, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(options, name, value)


def count_launch() -> None:
    """Count one call that runs on the device."""
    counts["launch"] += 1


def count_upload(host: np.ndarray) -> None:
    """Count one copy from host to device."""
    counts["h2d"] += 1
    counts["h2d_bytes"] += host.nbytes


def count_download(host: np.ndarray, what: str) -> None:
    """Count one copy from device to host, which has to wait for the device."""
    count_sync(what)
    counts["d2h"] += 1
    counts["d2h_bytes"] += host.nbytes


def count_sync(what: str) -> None:
    """Count one wait of the host for the device, or refuse it."""
    if not options.allow_sync:
        raise StrictError(f"{what}: here the host waits for the device")
    counts["sync"] += 1


def check_dtype(dtype: Any, where: str) -> None:
    """Refuse double precision where the test forbids it."""
    if not options.allow_float64 and dtype in (np.float64, np.complex128):
        raise StrictError(f"{where}: {dtype} where only single precision is allowed")
