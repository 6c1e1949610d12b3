"""Between GPUs, one for each rank: by NCCL where every rank has a GPU of its own, else by way of the hosts.

NCCL's own sum would be in an order of its own, so that here too it only carries, and the tree adds.  Its id, by which
its ranks find each other, travels over MPI.  What is on the host, as signals and costs, goes by MPI as ever.
"""

from typing import Any

import numpy as np

from mrnn_np.backend import Array, Backend, get_xp
from mrnn_np.distributed.ranks import Ranks


def on_device(ranks: Ranks, backend: Backend) -> Ranks:
    """Return ranks that also carry the arrays of `backend`; each has then taken a GPU, by its number on its machine."""
    if backend.name == "numpy" or ranks.size == 1:
        return ranks
    cuda = backend.xp.cuda
    gpus = int(cuda.runtime.getDeviceCount())
    cuda.Device(ranks.local_rank % gpus).use()
    nccl = getattr(cuda, "nccl", None)
    one_each = nccl is not None and getattr(nccl, "available", False) and ranks.local_size <= gpus
    return NcclRanks(ranks, backend) if ranks.highest(not one_each) == 0 else HostRanks(ranks, backend)


class _DeviceRanks(Ranks):
    """Ranks that send arrays on the host by `host`."""

    def __init__(self, host: Ranks, backend: Backend) -> None:
        self.host, self.backend = host, backend
        self.rank, self.size = host.rank, host.size
        self.local_rank, self.local_size = host.local_rank, host.local_size

    def wait(self) -> None:
        """Return when all ranks have come here."""
        self.host.wait()


class HostRanks(_DeviceRanks):
    """Ranks whose arrays on a GPU go by way of their hosts."""

    by = "MPI, by way of the hosts"

    def exchange(self, parts: Array) -> Array:
        """Send row j of `parts`, (size, ...), to rank j; returned is what came from rank j in row j."""
        if get_xp(parts) is np:
            return self.host.exchange(parts)
        return self.backend.asarray(self.host.exchange(self.backend.to_numpy(parts)))

    def gather(self, own: Array) -> Array:
        """Return the arrays of all ranks, which are of one shape, (size, ...)."""
        if get_xp(own) is np:
            return self.host.gather(own)
        return self.backend.asarray(self.host.gather(self.backend.to_numpy(own)))


class NcclRanks(_DeviceRanks):
    """Ranks whose float32 arrays on a GPU go to the others' without passing a host."""

    by = "NCCL"

    def __init__(self, host: Ranks, backend: Backend) -> None:
        super().__init__(host, backend)
        self.nccl: Any = backend.xp.cuda.nccl
        found = self.nccl.get_unique_id() if host.rank == 0 else b""
        # A tuple of signed bytes in older versions of CuPy.
        told = b"bytes" + found if isinstance(found, bytes) else b"tuple" + np.array(found, np.int8).tobytes()
        kind, text = (first := host.gather_bytes(told)[0])[:5], first[5:]
        number = text if kind == b"bytes" else tuple(np.frombuffer(text, np.int8).tolist())
        self.comm = self.nccl.NcclCommunicator(host.size, number, host.rank)

    def exchange(self, parts: Array) -> Array:
        """Send row j of `parts`, (size, ...), to rank j; returned is what came from rank j in row j."""
        if get_xp(parts) is np:
            return self.host.exchange(parts)
        received, stream = self.backend.xp.empty_like(parts), self._stream()
        self.nccl.groupStart()
        for rank in range(self.size):
            self.comm.send(parts[rank].data.ptr, parts[rank].size, self.nccl.NCCL_FLOAT32, rank, stream)
            self.comm.recv(received[rank].data.ptr, received[rank].size, self.nccl.NCCL_FLOAT32, rank, stream)
        self.nccl.groupEnd()
        return received

    def gather(self, own: Array) -> Array:
        """Return the arrays of all ranks, which are of one shape, (size, ...)."""
        if get_xp(own) is np:
            return self.host.gather(own)
        everybody = self.backend.xp.empty((self.size, *own.shape), own.dtype)
        self.comm.allGather(own.data.ptr, everybody.data.ptr, own.size, self.nccl.NCCL_FLOAT32, self._stream())
        return everybody

    def _stream(self) -> int:
        """The stream that computes, on which all of this waits its turn."""
        stream: int = self.backend.xp.cuda.get_current_stream().ptr
        return stream
