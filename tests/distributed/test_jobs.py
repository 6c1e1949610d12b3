"""Training on the processes of an MPI job, and how such a job ends."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mrnn_np.training.checkpoint import load_checkpoint

HERE = Path(__file__).parent


def ended(job, seconds=120):
    """The exit status of a job and what it wrote."""
    said, errors = job.communicate(timeout=seconds)
    return job.returncode, said, errors


def state(folder):
    """What training came to."""
    checkpoint = load_checkpoint(folder / "last.npz")
    progress = checkpoint.progress
    costs = [(row["step"], row["train_bits"], row["val_bits"]) for row in progress.history]
    return checkpoint.params.theta.tobytes(), checkpoint.velocity.tobytes(), progress.step, progress.pending_bits, costs


def processes_of(job):
    """The process of each rank of a job, by its number."""
    found, parents = {}, [job.pid]
    for parent in parents:
        with contextlib.suppress(OSError):
            parents += map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())
            told = Path(f"/proc/{parent}/environ").read_bytes().split(b"\0")
            found |= {int(entry[9:]): parent for entry in told if entry.startswith(b"PMI_RANK=")}
    return found


def wait_for(happened, seconds=60):
    """Wait until something has happened, and return what it is."""
    until = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


def test_the_same_bits_on_any_number_of_processes(mpiexec, tiny_flickr8k):
    hashes = {}
    for ranks in (1, 2, 3, 4):
        job = mpiexec(ranks, HERE / "train_some.py", f"flickr8k:{tiny_flickr8k}", "m-rnn", "nic")
        status, said, errors = ended(job)
        assert (status, errors) == (0, "")
        lines = sorted(said.splitlines())
        assert len(lines) == 2 * ranks
        assert all(" 200 steps " in line for line in lines)
        hashes[ranks] = {line.partition(": ")[2] for line in lines}
    assert len(hashes[1]) == 2
    assert hashes[1] == hashes[2] == hashes[3] == hashes[4]


def test_a_run_goes_on_with_another_number_of_processes(train, tmp_path):
    status, said, errors = ended(train(2, "--epochs", 3, "--shares", 8, "--out", "whole"))
    assert (status, errors) == (0, "")
    assert "each gradient is summed over 8 shares of its batch, on 2 processes, by MPI" in said
    assert said.count("epoch   3/3") == 1  # rank 0 alone speaks
    interrupted = train(4, "--epochs", 3, "--shares", 8, "--out", "halves")
    wait_for((tmp_path / "halves" / "best.npz").exists)
    interrupted.send_signal(signal.SIGTERM)
    status, _, errors = ended(interrupted)
    assert (status, errors) == (143, "error: interrupted by SIGTERM; nothing is lost, go on with --resume\n")
    assert 0 < load_checkpoint(tmp_path / "halves" / "last.npz").progress.step
    assert ended(train(1, "--resume", "--out", "halves"))[0] == 0
    assert state(tmp_path / "halves") == state(tmp_path / "whole")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the processes of a job are looked up in /proc")
def test_a_killed_rank_ends_the_job_and_loses_nothing(train, tmp_path):
    assert ended(train(2, "--epochs", 40, "--shares", 4, "--out", "whole"))[0] == 0
    rng = random.Random(int(os.environ.get("MRNN_NP_KILL_SEED", 0)))
    begun = ["--epochs", 40, "--shares", 4]
    for _ in range(4):
        job = train(rng.choice((2, 4)), *begun, "--out", "killed")
        if not (tmp_path / "killed" / "last.npz").exists():
            wait_for((tmp_path / "killed" / "last.npz").exists)
        time.sleep(rng.uniform(0, 2))
        ranks = processes_of(job)
        if job.poll() is None and ranks:
            killed = time.monotonic()
            os.kill(ranks[rng.choice(sorted(ranks))], signal.SIGKILL)
            assert ended(job, 10)[0] != 0
            assert time.monotonic() - killed < 10
            wait_for(lambda ranks=ranks: not any(Path(f"/proc/{pid}/task").exists() for pid in ranks.values()), 10)
        for path in (tmp_path / "killed").glob("*.npz"):
            load_checkpoint(path)
        begun = ["--resume"]
    assert ended(train(3, "--resume", "--out", "killed"))[0] == 0
    assert state(tmp_path / "killed") == state(tmp_path / "whole")


def one_line(job, status):
    """The error of a job that ended with that status: one line from one rank."""
    code, _, errors = ended(job)
    assert errors.startswith("error: "), errors
    assert errors.count("\n") == 1, errors
    assert code == status, errors
    return errors


def test_an_option_that_is_wrong_everywhere_is_one_line(train):
    assert "--clip is -1.0; it must be 0 or more" in one_line(train(3, "--clip", -1), 2)


def test_a_training_that_diverges_ends_all_with_status_3(train):
    assert "training diverged" in one_line(train(2, "--lr", 1e6, "--epochs", 3, "--out", "run"), 3)


def test_a_rank_with_other_data_is_one_line(mpiexec, train, tiny_flickr8k, tmp_path):
    """Rank 1 is on a machine whose copy of the features differs in one number."""
    other = tmp_path / "other"
    shutil.copytree(tiny_flickr8k, other)
    with np.load(tiny_flickr8k / "features.npz") as archive:
        features, names = archive["features"].copy(), archive["names"]
    features[0, 0] += 1
    np.savez(other / "features.npz", features=features, names=names)
    one = ("-m", "mrnn_np.train", "--min-count", 1, "--scale", 0.06, "--out", "run")
    here, there = (("--data", f"flickr8k:{data}") for data in (tiny_flickr8k, other))
    job = mpiexec(1, *one, *here, ":", "-n", 1, sys.executable, *one, *there)
    said = one_line(job, 2)
    assert "rank 1 has " in said
    assert "rank 0 has " in said
    assert not (tmp_path / "run").exists()


def test_a_rank_that_cannot_read_its_data_ends_all(mpiexec, tiny_flickr8k, tmp_path):
    one = ("-m", "mrnn_np.train", "--min-count", 1, "--scale", 0.06, "--out", "run", "--data")
    data = f"flickr8k:{tiny_flickr8k}"
    job = mpiexec(1, *one, data, ":", "-n", 1, sys.executable, *one, data, "--features", tmp_path / "none.npz")
    assert "none.npz: cannot be read" in one_line(job, 2)


def test_more_ranks_than_shares_are_one_line_before_training(train, tmp_path):
    assert "3 ranks for 2 shares" in one_line(train(3, "--shares", 2, "--out", "run"), 2)


def test_a_command_that_does_not_share_its_work_says_so(mpiexec):
    assert "does not share its work among processes" in one_line(mpiexec(2, "-m", "mrnn_np.gradcheck"), 2)


def test_mpiexec_without_mpi4py_is_one_line(train, tmp_path):
    (tmp_path / "mpi4py").mkdir()
    (tmp_path / "mpi4py" / "__init__.py").write_text("raise ImportError('no mpi4py')\n")
    said = one_line(train(2, PYTHONPATH=f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"), 2)
    assert "mpi4py is not installed" in said


def test_a_bug_on_one_rank_ends_all_with_its_traceback(mpiexec, tmp_path):
    (tmp_path / "bug.py").write_text(
        "import time\n"
        "from mrnn_np.distributed.job import join\n"
        "if join().rank == 1:\n"
        "    raise ZeroDivisionError('a bug')\n"
        "time.sleep(100)\n"
    )
    status, _, errors = ended(mpiexec(2, "bug.py"), 30)
    assert status == 1
    assert "ZeroDivisionError: a bug" in errors


@pytest.mark.parametrize("variables", [{}, {"PMI_RANK": "0", "PMI_SIZE": "1"}, {"SLURM_PROCID": "3"}])
def test_one_process_alone_never_imports_mpi(variables):
    code = (
        "import sys\n"
        "from mrnn_np.distributed.job import end, join, rank_told\n"
        "import mrnn_np.train\n"
        "assert (rank_told(), join().size) == (None, 1)\n"
        "end(0), end(2)\n"
        "assert not [name for name in sys.modules if name.startswith('mpi4py')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | variables)
