"""How much memory this process holds, and how much it has held at most."""

import ctypes
import resource
import sys
from contextlib import suppress
from pathlib import Path

STATUS, CLEAR_REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def forget_peak() -> None:
    """Count the peak from now on; where the system cannot, it stays the peak since the process began.

    Memory that was freed but kept for later does not count either: it goes back to the system first.
    """
    with suppress(AttributeError, OSError, TypeError):  # where malloc is not glibc's
        ctypes.CDLL(None).malloc_trim(0)
    if CLEAR_REFS.exists():
        CLEAR_REFS.write_text("5")


def peak_memory() -> float:
    """The largest resident memory since then, in MB."""
    if STATUS.exists():
        (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size * (1 if sys.platform == "darwin" else 1024) / 1e6
