"""Variants that take turns, each in a process of its own."""

import contextlib
import json
import subprocess
import sys
from typing import Any

import numpy as np
from tqdm import tqdm

from mrnn_np.errors import UserError

Rounds = dict[str, list[dict[str, float]]]
"""What each round of each variant measured."""

TIES = 0.02
"""The share of numbers that may differ: where two words are equally likely but for rounding, either may be written."""


def measure_rounds(
    work: str,
    variants: list[str],
    vocabulary: int,
    batch_size: int,
    rounds: int,
    backend: str = "numpy",
    threads: int | None = None,
) -> tuple[Rounds, dict[str, dict[str, Any]]]:
    """Return what each round of each variant measured, and what each variant told of itself before.

    All but "numpy" and "padded" compute on `backend`; on the CPU each has so many threads, by default all cores.
    Raises UserError when a variant ends, or does not come to the same results as "numpy", which is among them.
    """
    command = [sys.executable, "-m", "mrnn_np.benchmarks.worker", work]
    sizes, pipe = [str(vocabulary), str(batch_size), backend, str(threads or 0)], subprocess.PIPE
    # In process groups of their own, out of reach of the terminal's Ctrl-C, which is for this process.
    workers = {
        v: subprocess.Popen([*command, v, *sizes], stdin=pipe, stdout=pipe, text=True, process_group=0)
        for v in variants
    }
    try:
        told = {variant: ask(worker, variant, "") for variant, worker in workers.items()}
        results = {variant: about.pop("results") for variant, about in told.items()}
        require_agreement(results)
        for variant, numbers in results.items():
            if numbers:
                told[variant]["off_by"] = off_by(numbers, results["numpy"])
        measured: Rounds = {variant: [] for variant in variants}
        for _ in tqdm(range(rounds), desc=work, unit="round", disable=None):
            for variant, worker in workers.items():
                measured[variant].append(ask(worker, variant, "go\n"))
    finally:
        for worker in workers.values():
            worker.kill()
            worker.communicate()
    return measured, told


def ask(worker: "subprocess.Popen[str]", variant: str, line: str) -> dict[str, Any]:
    """Send a line to a worker and return its answer; raise UserError when it has died."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        worker.stdin.write(line)
        worker.stdin.flush()
    answer = worker.stdout.readline()
    if not answer:
        raise UserError(f"the variant {variant} ended before it was measured; its reason stands above")
    told: dict[str, Any] = json.loads(answer)
    return told


def off_by(numbers: list[float], ours: list[float]) -> float:
    """The median of how far numbers are from those of "numpy", relative to these."""
    return float(np.median(np.abs(np.array(numbers) - ours) / np.maximum(np.abs(ours), 1e-30)))


def require_agreement(results: dict[str, list[float]]) -> None:
    """Raise UserError when a variant that has results, numbers, has others than "numpy" to three digits."""
    ours = np.array(results["numpy"])
    for variant, numbers in results.items():
        if not numbers:
            continue
        theirs = np.array(numbers)
        same = (
            len(theirs) == len(ours)
            and np.isclose(theirs, ours, rtol=1e-3, atol=1e-3 * np.sqrt(np.mean(ours**2))).mean()
        )
        if not same >= 1 - TIES:
            raise UserError(
                f"{variant} does not do the same work as numpy: {theirs[:3]} against {ours[:3]}, and so on; "
                "timing them would compare nothing"
            )
