"""How a job of several processes begins and ends: rank 0 alone speaks, and an error on one rank ends all of them.

    mpiexec -n 4 python -m mrnn_np.train

MPI itself would let the others wait for ever for a process that left in the ordinary way.
"""

import os
import sys
import time
import traceback
from types import TracebackType
from typing import Any

import numpy as np

from mrnn_np import __version__
from mrnn_np.distributed.ranks import MPIRanks, Ranks
from mrnn_np.errors import UserError

LAUNCHERS = {
    "PMI_RANK": "PMI_SIZE",
    "OMPI_COMM_WORLD_RANK": "OMPI_COMM_WORLD_SIZE",
    "PMIX_RANK": "SLURM_NTASKS",
}
"""The environment variables by which MPICH, Open MPI and Slurm tell a process its rank, and how many there are."""
PATIENCE = 2.0
"""Seconds that other ranks leave to rank 0, which mostly has the same error, to say so for all."""
LONG_PATIENCE = 120.0
"""The same where rank 0 is known to have the same error, but may have to save first."""


def rank_told() -> int | None:
    """Return the rank that mpiexec gave this process; None where it was started otherwise, or alone."""
    for rank, size in LAUNCHERS.items():
        if rank in os.environ:
            return None if os.environ.get(size) == "1" else int(os.environ[rank])
    return None


def join() -> Ranks:
    """Return the ranks of the job that this process belongs to; it may be called again.

    Without mpiexec MPI is not even imported.

    Raises
    ------
    UserError : mpi4py or the MPI library is missing, or another one than that of mpiexec
    """
    told = rank_told()
    if told is None:
        return Ranks()
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError):  # the second where there is no MPI library
        raise UserError("mpiexec: mpi4py is not installed, or finds no MPI; run: pip install 'mrnn-np[mpi]'") from None
    sys.excepthook = _end_at
    if MPI.COMM_WORLD.Get_size() == 1:
        library = MPI.Get_library_version().split(",")[0].splitlines()[0]
        raise UserError(f"mpiexec: is not that of the MPI mpi4py uses, {library.strip()}; take its own mpiexec")
    return MPIRanks(MPI.COMM_WORLD)


def quiet() -> None:
    """Let nothing more that this process prints be seen, unless it is rank 0; that at once, line by line."""
    if rank_told():
        sys.stdout = open(os.devnull, "w")
    elif sys.stdout is not None:
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def has_the_word(known_to_all: bool) -> bool:
    """Say whether this process is the one to tell of its error: rank 0, or another whose error rank 0 does not share.

    Parameters
    ----------
    known_to_all : whether every rank has this very error
    """
    if not rank_told():
        return True
    if _world() is None:
        return False  # what cannot even begin, cannot on rank 0
    time.sleep(LONG_PATIENCE if known_to_all else PATIENCE)
    return True


def end(status: int) -> None:
    """End all ranks of the job, all with this exit status unless it is 0; without a job, do nothing."""
    world = _world()
    if world is None:
        return
    if status == 0:
        MPIRanks(world).wait()  # here, where waiting takes no core
        return
    # MPI has something to say of it that is of no interest.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    world.Abort(status)


def versions() -> dict[str, str]:
    """Return what all ranks must have in common, so that they take the same steps."""
    return {"mrnn_np": __version__, "Python": sys.version.split()[0], "NumPy": np.__version__} | _kernels()


def _kernels() -> dict[str, str]:
    """The kernels by which this processor's products are computed; another processor may round otherwise."""
    from threadpoolctl import threadpool_info

    blas = sorted(f"{i['internal_api']} {i.get('architecture')}" for i in threadpool_info() if i["user_api"] == "blas")
    return {"the BLAS": ", ".join(dict.fromkeys(blas))}


def _world() -> Any:
    """MPI's communicator of all ranks, where there is a job and this process has joined it."""
    MPI = sys.modules.get("mpi4py.MPI")
    return None if MPI is None or not MPI.Is_initialized() or rank_told() is None else MPI.COMM_WORLD


def _end_at(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show a bug's traceback, as Python does, and end all ranks."""
    traceback.print_exception(kind, error, trace)
    end(1)
