"""A training step on several processes of one thread each: how fast, and how much of the time goes to communication."""

import json
import shutil
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from mrnn_np.backend import choose_backend
from mrnn_np.backend.threads import limit_threads
from mrnn_np.benchmarks.workload import L2, LR, MOMENTUM, images, parameters, training_sentences
from mrnn_np.command_line.run import run_command
from mrnn_np.data.batches import pack
from mrnn_np.distributed.job import join
from mrnn_np.distributed.shares import Team, default_shares
from mrnn_np.errors import UserError
from mrnn_np.layers.dropout import NO_DROPOUT
from mrnn_np.training.batches import Dealt, deal
from mrnn_np.training.gradient import BatchGradient
from mrnn_np.training.sgd import SGD

STEPS = 4
"""In a round."""

Speed = dict[str, float]
"""Of so many "ranks": "per_second" words, and the "communicating" share of the time, waiting for others included."""


def measure_ranks(counts: list[int], vocabulary: int, batch_size: int, rounds: int) -> list[Speed]:
    """Measure each number of ranks, one after the other; raise UserError where there is no MPI, or a job fails."""
    mpiexec = find_mpiexec()
    measured = []
    for count in counts:
        sizes = [str(number) for number in (vocabulary, batch_size, rounds, default_shares(max(counts)))]
        command = [mpiexec, "-n", str(count), sys.executable, "-m", "mrnn_np.benchmarks.many_ranks", *sizes]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, process_group=0)  # Ctrl-C is ours
        if done.returncode:
            raise UserError(f"--ranks {count} ended before it was measured; its reason stands above")
        measured.append({"ranks": count, **json.loads(done.stdout)})
    return measured


def find_mpiexec() -> str:
    """Return the mpiexec beside this Python, or that on the path; raise UserError where there is none, or no mpi4py."""
    beside = Path(sys.executable).with_name("mpiexec")
    found = str(beside) if beside.exists() else shutil.which("mpiexec")
    if found is None or find_spec("mpi4py") is None:
        raise UserError("--ranks: mpi4py or mpiexec is not installed; run: pip install 'mrnn-np[mpi]'")
    return found


def ranks_table(measured: list[Speed]) -> list[str]:
    """The lines to print; ideal is the first line's speed a rank."""
    a_rank = measured[0]["per_second"] / measured[0]["ranks"]
    lines = [f"{'ranks':>5}{'words/s':>10}{'of ideal':>10}{'communicating':>15}"]
    for m in measured:
        of_ideal = m["per_second"] / (m["ranks"] * a_rank)
        lines.append(f"{m['ranks']:5}{m['per_second']:10,.0f}{of_ideal:10.0%}{m['communicating']:15.0%}")
    return lines


def main() -> int:
    """Measure the ranks of the job that this process belongs to."""
    vocabulary, batch_size, rounds, shares = map(int, sys.argv[1:])
    ranks, numpy = join(), choose_backend("numpy")
    model, params = parameters(vocabulary)
    team = Team(shares, ranks, numpy)
    gradient, sgd = BatchGradient(model, team, numpy, None), SGD(L2, MOMENTUM)
    velocity = np.zeros_like(params.theta)
    batches = [dealt(sentences, team) for sentences in training_sentences(vocabulary, batch_size, STEPS)]
    speeds, communicating = [], []
    with limit_threads(1), team.at_work():
        for _ in range(rounds + 1):
            ranks.wait()
            start, ranks.seconds = time.perf_counter(), 0.0
            for batch in batches:
                grads, _ = gradient.of(params, batch, NO_DROPOUT)
                sgd.update(params, grads, velocity, LR)
            seconds = time.perf_counter() - start
            speeds.append(sum(map(len, batches)) / seconds)
            communicating.append(ranks.seconds / seconds)
    if ranks.rank == 0:  # the first round is there to warm up
        told = {"per_second": speeds, "communicating": communicating}
        print(json.dumps({name: statistics.median(values[1:]) for name, values in told.items()}))
    return 0


def dealt(sentences: list[np.ndarray], team: Team) -> Dealt:
    """A batch in shares, each sentence about an image of its own."""
    features = images(len(sentences))
    lengths = [len(sentence) for sentence in sentences]
    hands = deal(lengths, len(team.all))
    return Dealt(
        {
            share: (pack([sentences[i] for i in hands[share]], hands[share], features.__getitem__), NO_DROPOUT)
            for share in team.own
            if len(hands[share])
        },
        sum(lengths),
    )


if __name__ == "__main__":
    run_command(main, shared=True)
