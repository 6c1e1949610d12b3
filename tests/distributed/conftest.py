"""Jobs of several processes, started by mpiexec as users start them."""

import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

MPIEXEC = Path(sys.executable).with_name("mpiexec")
"""That of the MPI that pip installs; another one may not be that of mpi4py."""


def environment():
    """One thread a process; MPICH then asks nobody for a network."""
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1"}


@pytest.fixture
def mpiexec(tmp_path):
    """Start `mpiexec -n RANKS python ARGUMENTS...` in an empty folder and return the running process."""
    if find_spec("mpi4py") is None or not MPIEXEC.exists():
        pytest.skip("mpi4py or mpiexec is not installed; run: pip install mpi4py mpich")
    jobs = []

    def start(ranks, *arguments, cwd=tmp_path, **options):
        command = [MPIEXEC, "-n", ranks, sys.executable, *arguments]
        pipe = subprocess.PIPE
        job = subprocess.Popen(
            list(map(str, command)),
            cwd=cwd,
            env=environment() | options,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            text=True,
            start_new_session=True,
        )
        jobs.append(job)
        return job

    yield start
    for job in jobs:
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGTERM)
            job.communicate(timeout=20)


@pytest.fixture
def train(mpiexec, tiny_flickr8k):
    """Start a small training on some ranks, as `mpiexec` does."""
    small = "--min-count 1 --scale 0.06 --batch-size 8 --clip 1 --warmup 5 --threads 1".split()

    def start(ranks, *arguments, **options):
        data = f"flickr8k:{tiny_flickr8k}"
        return mpiexec(ranks, "-m", "mrnn_np.train", "--data", data, *small, *arguments, **options)

    return start
