"""The processes of a job, numbered from 0, and the few things they send each other: arrays, numbers and short texts.

Whoever waits for another sleeps meanwhile: MPI itself would look for work all the time, and take the core of the very
process that is waited for where there are more processes than cores.
"""

import json
import os
import platform
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.errors import UserError

NAP = 2e-5
"""Seconds between two looks at what is waited for."""


class Ranks:
    """One process alone: whatever it would send, it sends to itself.

    `rank` is its number, `size` how many there are, `local_rank` and `local_size` the same on this machine, and
    `seconds` the time it has spent on sending, receiving and waiting.
    """

    rank, size, local_rank, local_size = 0, 1, 0, 1
    seconds = 0.0
    by = "MPI"
    """How what they sum travels, in words."""

    def notes(self, shares: int) -> list[str]:
        """Return a line about who does what, where there is more than one share."""
        processes = f", on {self.size} processes, by {self.by}" if self.size > 1 else ""
        return [f"each gradient is summed over {shares} shares of its batch{processes}"] if shares > 1 else []

    def exchange(self, parts: Array) -> Array:
        """Send row j of `parts`, (size, ...), to rank j; returned is what came from rank j in row j."""
        return parts

    def gather(self, own: Array) -> Array:
        """Return the arrays of all ranks, which are of one shape, (size, ...)."""
        return own[None]

    def wait(self) -> None:
        """Return when all ranks have come here."""

    def gather_bytes(self, own: bytes) -> list[bytes]:
        """Return the bytes of all ranks, which may be of any length."""
        lengths = self.gather(np.array([len(own)]))[:, 0].tolist()
        padded = np.zeros(max(lengths), np.uint8)
        padded[: len(own)] = np.frombuffer(own, np.uint8)
        return [row[:length].tobytes() for row, length in zip(self.gather(padded), lengths, strict=True)]

    def gather_numbers(self, own: Sequence[float]) -> list[list[float]]:
        """Return the numbers of all ranks, each of which may have any count of them, to their last bit."""
        return [np.frombuffer(numbers).tolist() for numbers in self.gather_bytes(np.array(own, float).tobytes())]

    def on_these_cores(self) -> int:
        """Return how many ranks may use the very cores that this one may."""
        own = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        here = f"{platform.node()} {own}".encode()
        return self.gather_bytes(here).count(here)

    def highest(self, number: int) -> int:
        """Return the highest number that a rank came with."""
        return int(self.gather(np.array([number])).max())

    def require_same(self, own: dict[str, str]) -> None:
        """Raise UserError, the same one on all ranks, unless they agree in all of this, {what it is called: value}."""
        everybody = [json.loads(text) for text in self.gather_bytes(json.dumps(own).encode())]
        for rank, other in enumerate(everybody):
            for what, value in everybody[0].items():
                if other[what] != value:
                    raise UserError(
                        f"mpiexec: rank {rank} has {what} {other[what]}, rank 0 has {value}; all must have the same"
                    )


ALONE = Ranks()


class MPIRanks(Ranks):
    """The processes that mpiexec started.

    Parameters
    ----------
    comm : mpi4py's communicator of all of them
    """

    def __init__(self, comm: Any) -> None:
        self.comm, self.rank, self.size = comm, comm.Get_rank(), comm.Get_size()
        from mpi4py import MPI

        here = comm.Split_type(MPI.COMM_TYPE_SHARED)
        self.local_rank, self.local_size = here.Get_rank(), here.Get_size()
        here.Free()

    def exchange(self, parts: Array) -> Array:
        """Send row j of `parts`, (size, ...), to rank j; returned is what came from rank j in row j."""
        parts = np.ascontiguousarray(parts)
        received = np.empty_like(parts)
        self._finish(self.comm.Ialltoall(parts, received))
        return received

    def gather(self, own: Array) -> Array:
        """Return the arrays of all ranks, which are of one shape, (size, ...)."""
        own = np.ascontiguousarray(own)
        everybody = np.empty((self.size, *own.shape), own.dtype)
        self._finish(self.comm.Iallgather(own, everybody))
        return everybody

    def wait(self) -> None:
        """Return when all ranks have come here."""
        self._finish(self.comm.Ibarrier())

    def _finish(self, request: Any) -> None:
        start = time.perf_counter()
        while not request.Test():
            time.sleep(NAP)
        self.seconds += time.perf_counter() - start
