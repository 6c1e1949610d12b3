"""How much memory there is: what cannot fit is refused before it is asked for, while there is time to say so."""

import os
import sys
from functools import cache
from pathlib import Path

from mrnn_np.errors import UserError

if sys.platform != "win32":
    import resource

GROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux says how much the container that this process is in may have."""


@cache
def room() -> float:
    """Return how many bytes this process may have: all of the machine's, or fewer where somebody has set a limit."""
    limits = [float("inf")]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    if sys.platform != "win32" and (soft := resource.getrlimit(resource.RLIMIT_AS)[0]) != resource.RLIM_INFINITY:
        limits.append(soft)
    for path in GROUP_LIMITS:
        if os.path.exists(path) and (text := path.read_text().strip()).isdigit():
            limits.append(int(text))
    return min(limits)


def require_room(what: str, needed: int, advice: str) -> None:
    """Raise UserError when `what`, which takes `needed` bytes at least, cannot fit in memory."""
    if needed > room():
        sizes = f"{needed / 2**30:,.1f} GB of {room() / 2**30:,.1f}"
        raise UserError(f"{what} takes {sizes} and does not fit in memory; {advice}")
