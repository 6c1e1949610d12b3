"""Many trainings, a few at a time, each a process of its own that goes on where it was stopped."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrnn_np.errors import UserError

PAUSE = 0.2
"""Seconds between two looks at the processes."""


@dataclass(frozen=True)
class Training:
    """One model from one seed; `model` is a preset's name, perhaps followed by options of its own."""

    model: str
    seed: int
    out: Path
    """the folder of the comparison"""

    @property
    def folder(self) -> Path:
        """The folder of this training, named after the model and the seed."""
        return self.out / f"{folder_name(self.model)}-{self.seed}"

    @property
    def log(self) -> Path:
        """What the training prints, beside its folder."""
        return self.folder.with_name(self.folder.name + ".log")

    def command(self, options: Sequence[str]) -> list[str]:
        """The command that trains it, or that goes on with it where there is something to go on with."""
        resume = ["--resume"] if (self.folder / "last.npz").exists() else []
        name, *own = self.model.split()
        which = ["--seed", str(self.seed), "--out", str(self.folder)]
        return [sys.executable, "-m", "mrnn_np.train", "--model", name, *options, *own, *which, *resume]


def train_all(
    trainings: Sequence[Training],
    options: Sequence[str],
    jobs: int,
    threads: int,
    on_end: Callable[[Training], object],
) -> None:
    """Run `trainings`, `jobs` at a time; `on_end` is told of each one that has ended well.

    Parameters
    ----------
    options : of `mrnn_np.train`, the same for all
    threads : that they share

    Raises
    ------
    UserError : a training failed; the others are stopped, with everything saved
    """
    waiting, running = list(trainings), dict[Training, "subprocess.Popen[bytes]"]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                training = waiting.pop(0)
                running[training] = start(training, options, max(1, threads // jobs))
            for training, process in list(running.items()):
                if process.poll() is None:
                    continue
                del running[training]
                if process.returncode:
                    raise UserError(f"{training.model}, seed {training.seed}: {last_line(training.log)}")
                on_end(training)
            time.sleep(PAUSE)
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait()


def start(training: Training, options: Sequence[str], threads: int) -> "subprocess.Popen[bytes]":
    """Start one training, on so many threads unless the environment says how many."""
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    with open(training.log, "ab") as log:
        return subprocess.Popen(
            training.command(options), stdout=log, stderr=subprocess.STDOUT, env={**limits, **os.environ}
        )


def folder_name(model: str) -> str:
    """A model and its options as the name of a folder: "nic --lr 1" is nic-lr-1."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", model)


def last_line(path: Path) -> str:
    """The last thing a training said, which is why it failed."""
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("error: ") if lines else f"failed and said nothing in {path}"
