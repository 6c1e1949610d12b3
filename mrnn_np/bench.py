"""Measure a training step beside PyTorch's:  python -m mrnn_np.bench --vs torch."""

import json
import os
import platform
import statistics
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mrnn_np.command_line import Parser, run_command
from mrnn_np.errors import UserError
from mrnn_np.files import write_text

BATCHES = 4


def main() -> int:
    """Run the command."""
    parser = Parser(
        prog="python -m mrnn_np.bench",
        description="Measure training steps of the paper's m-RNN: this package, the bare matrix products, PyTorch.",
    )
    parser.add_argument("--vs", choices=("torch",), help="measure PyTorch as well; it must be installed")
    parser.add_argument("--vocabulary", type=int, default=2500, metavar="M", help="words (default: 2500)")
    parser.add_argument("--batch-size", type=int, default=128, metavar="B", help="sentences (default: 128)")
    parser.add_argument("--rounds", type=int, default=9, help="of each variant, in turn (default: 9)")
    parser.add_argument("--out", type=Path, help="write all that was measured to this JSON file")
    arguments = parser.parse_args()
    if min(arguments.vocabulary - 4, arguments.batch_size, arguments.rounds) < 1:
        raise UserError("--vocabulary must be 5 or more, --batch-size and --rounds 1 or more")
    if arguments.vs and find_spec(arguments.vs) is None:
        raise UserError(f"--vs {arguments.vs}: it is not installed; run: pip install {arguments.vs}")
    variants = ["numpy", "products", *([arguments.vs] if arguments.vs else [])]
    rounds, costs = measure(variants, arguments.vocabulary, arguments.batch_size, arguments.rounds)
    if arguments.vs and not np.allclose(costs["numpy"], costs[arguments.vs], rtol=1e-3):
        raise UserError(f"the variants do not do the same work: {costs['numpy']} against {costs[arguments.vs]} bits")

    print(f"training step, vocabulary {arguments.vocabulary:,}, {arguments.batch_size} sentences; {machine()}")
    print(f"{'':10}{'words/s':>10}{'x numpy':>10}{'lowest':>9}{'highest':>9}{'CPU s':>8}{'memory MB':>11}")
    for variant in variants:
        print(row(variant, rounds))
    if arguments.out:
        told = {"machine": machine(), "arguments": vars(arguments) | {"out": None}, "rounds": rounds}
        write_text(arguments.out, json.dumps(told, indent=1) + "\n")
    return 0


def measure(
    variants: list[str], vocabulary: int, batch_size: int, rounds: int
) -> tuple[dict[str, list[dict[str, float]]], dict[str, list[float]]]:
    """Return what each round of each variant measured, and the costs of each variant's first steps."""
    command = [sys.executable, "-m", "mrnn_np.benchmarks.worker"]
    sizes = [str(vocabulary), str(batch_size), str(BATCHES)]
    pipe = subprocess.PIPE
    workers = {v: subprocess.Popen([*command, v, *sizes], stdin=pipe, stdout=pipe, text=True) for v in variants}
    try:
        costs = {variant: ask(worker, "")["costs"] for variant, worker in workers.items()}
        measured: dict[str, list[dict[str, float]]] = {variant: [] for variant in variants}
        for _ in tqdm(range(rounds), unit="round", disable=None):
            for variant, worker in workers.items():
                measured[variant].append(ask(worker, "go\n"))
    finally:
        for worker in workers.values():
            worker.kill()
            worker.communicate()
    return measured, costs


def ask(worker: "subprocess.Popen[str]", line: str) -> dict[str, Any]:
    """Send a line to a worker and return its answer; raise UserError when it has died."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(line)
    worker.stdin.flush()
    answer = worker.stdout.readline()
    if not answer:
        raise UserError("a variant ended before it was measured; its reason stands above")
    told: dict[str, Any] = json.loads(answer)
    return told


def row(variant: str, rounds: dict[str, list[dict[str, float]]]) -> str:
    """Return a variant's line of the table: medians, and the ratios of neighbouring rounds."""
    own, numpy = rounds[variant], rounds["numpy"]
    ratios = [a["words_per_second"] / b["words_per_second"] for a, b in zip(own, numpy, strict=True)]
    speed, cpu = (statistics.median(r[key] for r in own) for key in ("words_per_second", "cpu_seconds"))
    memory = max(r["memory_mb"] for r in own)
    return (
        f"{variant:10}{speed:10,.0f}{statistics.median(ratios):10.2f}{min(ratios):9.2f}{max(ratios):9.2f}"
        f"{cpu:8.2f}{memory:11.0f}"
    )


def machine() -> str:
    """Return what the numbers depend on: processor, cores, versions."""
    versions = []
    for package in ("numpy", "torch"):
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {', '.join(versions)}"


if __name__ == "__main__":
    run_command(main)
