"""Many trainings, a few at a time, each a process of its own that goes on where it was stopped."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from mrnn_np.errors import CommandError, UserError
from mrnn_np.files import open_without_waiting, require_unlocked
from mrnn_np.training.interrupts import Interrupted, in_main_thread

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

    def check(self) -> None:
        """See that it can begin or go on.

        Raises UserError when the state to go on from is lost, or a training that a killed comparison left still runs.
        """
        if os.path.exists(self.folder):
            require_unlocked(self.folder)
        if os.path.exists(self.folder / "last.npz"):
            return
        if os.path.exists(self.folder / "best.npz"):
            raise UserError(f"{self.folder}: holds best.npz but no last.npz to go on from; remove it to train it anew")

    def command(self, options: Sequence[str]) -> list[str]:
        """The command that trains it, or that goes on with it where there is something to go on with."""
        resume = ["--resume"] if os.path.exists(self.folder / "last.npz") else []
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
    CommandError : a training cannot begin or failed; the others are stopped, with everything saved
    """
    for training in trainings:
        training.check()
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
                    raise failure(training, process.returncode)
                on_end(training)
            time.sleep(PAUSE)
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait()


def start(training: Training, options: Sequence[str], threads: int) -> "subprocess.Popen[bytes]":
    """Start one training, on so many threads unless the environment says how many.

    Raises UserError when its log cannot be written.
    """
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    try:
        log = open(training.log, "ab", opener=open_without_waiting)
    except OSError as error:
        raise UserError(f"--out: {training.log} cannot be written ({error.strerror})") from None
    with log:
        return subprocess.Popen(
            training.command(options),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**limits, **os.environ},
            # Out of reach of the terminal's Ctrl-C: with `terminate` it would be the second signal, which kills.
            process_group=0,
        )


def folder_name(model: str) -> str:
    """A model and its options as the name of a folder: "nic --lr 1" is nic-lr-1."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", model)


def failure(training: Training, status: int) -> CommandError:
    """Why a training failed, with an exit status like its own."""
    signal_number = -status if status < 0 else status - 128
    if signal_number > 0:
        status = 128 + signal_number
        text = f"was stopped by {signal.Signals(signal_number).name}; give the same command again to go on"
    else:
        lines = training.log.read_text(errors="replace").strip().splitlines()
        text = lines[-1].removeprefix("error: ") if lines else "failed and said nothing"
        if status == 1:  # a traceback, of which this is only the last line
            text += f"; see {training.log}"
    error = CommandError(f"{training.model}, seed {training.seed}: {text}")
    error.exit_status = status
    return error


def raise_at_signals() -> None:
    """Raise Interrupted, wherever this process is, at every signal that asks it to stop.

    In a thread other than the main one, signals are left to whoever runs that.
    """
    if not in_main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # which nohup asked for
        signal.signal(signal.SIGHUP, stop)


def stop(number: int, frame: FrameType | None) -> None:
    """Handle a signal."""
    raise Interrupted(number, "give the same command again to go on")
