"""How the cost of a word in a training step grows with the batch, with the vocabulary and with the sentences."""

import json
import statistics
import subprocess
import sys
import time

from tqdm import tqdm

from mrnn_np.backend import choose_backend
from mrnn_np.benchmarks.memory import forget_peak, peak_memory
from mrnn_np.benchmarks.steps import numpy_task
from mrnn_np.command_line.run import run_command
from mrnn_np.errors import UserError

STEPS = 3
"""Steps that are timed, after one to warm up; their median counts."""

AXES = {
    "batch size": [(2500, size, 0) for size in (8, 32, 128, 512)],
    "vocabulary": [(words, 32, 0) for words in (1000, 3000, 10_000, 30_000, 100_000)],
    "sentence length": [(2500, 16, length) for length in (1, 5, 20, 100, 500)],
}
"""For each point: the vocabulary, the sentences in a batch, and their words, 0 where they are ragged."""
CHANGES = {"vocabulary": 0, "batch size": 1, "sentence length": 2}
"""Which of the three changes along each axis."""

Point = dict[str, float]
"""The "value" along the axis, "microseconds" of a word, "memory_mb" above what was there before."""


def measure_scale() -> dict[str, list[Point]]:
    """Measure every point of every axis, each in a process of its own, in under three minutes and 2 GB."""
    measured: dict[str, list[Point]] = {axis: [] for axis in AXES}
    points = [(axis, point) for axis, several in AXES.items() for point in several]
    for axis, point in tqdm(points, unit="point", disable=None):
        command = [sys.executable, "-m", "mrnn_np.benchmarks.scale", *map(str, point)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, process_group=0)  # Ctrl-C is ours
        if done.returncode:
            raise UserError(f"{axis} {point[CHANGES[axis]]:,} ended before it was measured; its reason stands above")
        measured[axis].append({"value": point[CHANGES[axis]], **json.loads(done.stdout)})
    return measured


def scale_table(measured: dict[str, list[Point]]) -> list[str]:
    """The lines to print."""
    lines = []
    for axis, points in measured.items():
        lines.append(f"{axis:>16}{'us/word':>10}{'memory MB':>11}")
        lines += [f"{p['value']:16,}{p['microseconds']:10.0f}{p['memory_mb']:11.0f}" for p in points]
    return lines


def main() -> int:
    """Measure one point."""
    vocabulary, batch_size, length = map(int, sys.argv[1:])
    forget_peak()
    before = peak_memory()
    # The parameters stay as they are: untrained, unclipped, sentences of 500 words would make them overflow.
    task = numpy_task(vocabulary, batch_size, choose_backend("numpy"), batches=1, length=length, lr=0)
    task.run()
    seconds = []
    for _ in range(STEPS):
        start = time.perf_counter()
        task.run()
        seconds.append(time.perf_counter() - start)
    cost = 1e6 * statistics.median(seconds) / task.count
    print(json.dumps({"microseconds": cost, "memory_mb": peak_memory() - before}))
    return 0


if __name__ == "__main__":
    run_command(main)
