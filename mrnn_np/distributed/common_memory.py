"""Memory that the ranks of one machine have in common: what one puts into its part, the others read there.

To send it would be to copy it two or three times.  Where the ranks are on several machines or on GPUs, or the system
has no such memory, it is sent all the same.
"""

import contextlib
import math
import mmap
import os
import secrets

import numpy as np

from mrnn_np.backend import Array, get_xp
from mrnn_np.distributed.ranks import Ranks


class Room:
    """An array to fill, `own`, and two ways to those of the other ranks, which all ranks go at the same time.

    What a way returns is to be read before this rank goes another way: then its owners may fill it anew.

    Parameters
    ----------
    ranks : the processes, all of which make a room of this shape at the same time
    shape : that of `own`
    like : some array of its dtype on its device
    """

    def __init__(self, ranks: Ranks, shape: tuple[int, ...], like: Array) -> None:
        self.ranks, xp = ranks, get_xp(like)
        self._all = _in_common(ranks, shape, like.dtype) if xp is np and ranks.local_size == ranks.size else None
        self.own = xp.zeros(shape, like.dtype) if self._all is None else self._all[ranks.rank]

    def exchange(self) -> Array:
        """Give `own[:, j]` to rank j; returned is what came from rank j in row j."""
        if self._all is None:
            return self.ranks.exchange(self.own.swapaxes(0, 1))
        self.ranks.wait()
        return self._all[:, :, self.ranks.rank]

    def gather(self) -> Array:
        """Return `own` of all ranks, (size, ...)."""
        if self._all is None:
            return self.ranks.gather(self.own)
        self.ranks.wait()
        return self._all


def _in_common(ranks: Ranks, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> Array | None:
    """Zeros, (size, *shape), which are the same memory for all ranks of a machine; None where that cannot be had.

    It is a file without a name in any folder, so that nothing stays behind when the ranks end, however they do.
    """
    size = ranks.size * math.prod(shape) * dtype.itemsize
    file, title = -1, secrets.token_hex(8)
    if ranks.rank == 0 and hasattr(os, "memfd_create"):
        file = os.memfd_create(title)
        os.truncate(file, size)
    path, title = ranks.gather_bytes(f"/proc/{os.getpid()}/fd/{file} {title}".encode())[0].decode().split()
    memory = None
    with contextlib.suppress(OSError), open(path, "r+b") as opened:
        # In a container of its own, another process may have this number.
        if title in os.readlink(path):
            memory = mmap.mmap(opened.fileno(), size)
    missing = ranks.highest(memory is None)
    if file >= 0:
        os.close(file)
    return None if memory is None or missing else np.frombuffer(memory, dtype).reshape(ranks.size, *shape)
