"""The training loop: one epoch after another, one packed batch after another, until done or told to stop."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mrnn_np.backend import Backend, moved_ahead
from mrnn_np.data.batches import Batch
from mrnn_np.data.examples import Examples, resident_images
from mrnn_np.data.read_ahead import read_ahead
from mrnn_np.distributed.ranks import ALONE, Ranks
from mrnn_np.distributed.shares import Team
from mrnn_np.errors import Diverged, UserError
from mrnn_np.evaluation.perplexity import bits_per_word
from mrnn_np.files import always, atomic_write, csv_text, write_text
from mrnn_np.layers.dropout import Masks
from mrnn_np.model.params import Gradient, Params
from mrnn_np.plots.curves import learning_curves
from mrnn_np.training.batches import Dealt, Drawn, batches_from, moved, steps_per_epoch
from mrnn_np.training.checkpoint import ROW, Checkpoint, save_checkpoint
from mrnn_np.training.gradient import BatchGradient, all_that_learns
from mrnn_np.training.interrupts import Interrupted, Interrupts
from mrnn_np.training.optimisers import make_optimiser, states
from mrnn_np.training.same_start import sha256
from mrnn_np.training.sgd import learning_rate

READ_EVERY = 20
"""Steps between two looks at the cost; on a GPU each look waits for the device."""
SAVE_SECONDS = 120
"""Seconds after which the state is saved again, however long an epoch takes."""
DRAW_SECONDS = 30
"""Seconds between two drawings of the curves, as one takes longer than a short epoch."""


class Trainer:
    """Trains what a checkpoint holds, from where it stands.

    Parameters
    ----------
    checkpoint : the state to go on from; `self.checkpoint()` is the state reached
    train_set, val_set : what to learn from and what to judge each epoch by
    out : the run's folder, which exists; last.npz, best.npz, history.csv and curves.png are written there
    floor : the lowest validation cost any model can reach, in bits per word, where it is known
    allow : called before each file takes its place there, as `atomic_write` says
    ranks : the processes that train together, each with a trainer of the same state; rank 0 alone writes and reports

    Raises
    ------
    UserError : the checkpoint stands at a step that is not within its epoch, or there are more ranks than shares
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        train_set: Examples,
        val_set: Examples,
        backend: Backend,
        out: Path,
        floor: float | None = None,
        allow: Callable[[], object] = always,
        ranks: Ranks = ALONE,
    ) -> None:
        self.start = checkpoint
        self.config = config = checkpoint.config
        self.resident = None
        if not config.trains_cnn:  # whose features change with every step
            self.resident = resident_images(backend, train_set.images, train_set.read_images)
        self.train_set = replace(train_set, read_images=self.resident or train_set.read_images)
        self.val_set = val_set
        self.backend, self.out, self.floor, self.allow = backend, out, floor, allow
        self.model = checkpoint.model
        self.team, self.speaks = Team(config.shares, ranks, backend), ranks.rank == 0
        self.gradient = BatchGradient(all_that_learns(checkpoint, backend), self.team, backend, self.resident)
        # Copies: training changes both in place.
        self.params = checkpoint.params.with_theta(backend.asarray(checkpoint.params.theta.copy()))
        self.velocity = backend.asarray(checkpoint.velocity.copy())
        self.progress = checkpoint.progress
        self.pending_bits = backend.asarray(np.float32(self.progress.pending_bits))
        self.optimiser = make_optimiser(config.optimiser, config.l2, config.momentum, config.clip)
        parts = self.params.split(self.model.layout)
        peaks = (config.lr, config.cnn_lr)[: len(parts)]
        self.networks = [*zip(parts, states(config.optimiser, self.velocity, parts), peaks, strict=True)]
        self.steps_per_epoch = steps_per_epoch(config, train_set)
        self.total_steps = config.epochs * self.steps_per_epoch
        self.saved_at = self.drawn_at = time.monotonic()
        steps = self.progress.step - len(self.progress.history) * self.steps_per_epoch
        if not 0 <= steps <= self.steps_per_epoch or (steps > 0) != (self.words_seen > 0):
            stands = f"step {self.progress.step:,}, which is not in epoch {len(self.progress.history) + 1}"
            raise UserError(f"--resume: last.npz stands at {stands}; take another one, or begin another run")

    def run(self, report: Callable[[str], None] = print, example: Callable[[Params], str] | None = None) -> None:
        """Train to the end; after each epoch, `report` is given a line about it and what `example` makes of the model.

        Raises
        ------
        Interrupted : by Ctrl-C or SIGTERM; the state is saved, and resuming continues bit for bit
        Diverged : the cost is no longer finite, or worse than twice that of blind guessing; last.npz is still good
        """
        words = self.train_set.words
        done = len(self.progress.history) * words + self.words_seen
        hidden = None if self.speaks else True  # None is for wherever there is no terminal
        with (
            Interrupts(self.team.ranks.highest) as interrupts,
            self.team.at_work(),
            # What overflows shows in the cost, which is watched.
            np.errstate(over="ignore", invalid="ignore"),
            tqdm(total=self.config.epochs * words, initial=done, unit="word", unit_scale=True, disable=hidden) as bar,
        ):
            try:
                self.write_history()  # a kill may have come between it and last.npz
                while not self.finished:
                    started, words_before = time.perf_counter(), self.words_seen
                    batches = self.batches_from(self.progress.step, epoch=len(self.progress.history))
                    for batch, masks in moved_ahead(self.backend, read_ahead(batches), moved):
                        interrupts.check()
                        self.train_on(batch, masks)
                        bar.update(len(batch))
                        if self.progress.step % READ_EVERY == 0:
                            bits = self.read_bits()
                            bar.set_postfix_str(f"{bits:.3f} bits, PPL {2**bits:.2f}", refresh=False)
                        if time.monotonic() - self.saved_at > SAVE_SECONDS:
                            self.save("last.npz")
                    # Some clocks stand still for milliseconds.
                    speed = (self.words_seen - words_before) / max(1e-3, time.perf_counter() - started)
                    self.end_epoch(speed, interrupts.check, lambda line: report_above(bar, report, line))
                    if self.speaks and example is not None:
                        report_above(bar, report, example(self.params))
            except BaseException as error:
                if isinstance(error, Interrupted):
                    self.save("last.npz")
                with contextlib.suppress(UserError):  # what ended the training is what its user has to read
                    self.draw()
                raise
            self.draw()

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or `patience` of them brought nothing."""
        history, patience = self.progress.history, self.config.patience
        if len(history) >= self.config.epochs:
            return True
        return bool(patience and history and len(history) - best_row(history)["epoch"] >= patience)

    def batches_from(self, step: int, epoch: int) -> Iterator[Drawn]:
        """Yield the host batches of an epoch, from 0, that are to be done from that step on, and dropout masks."""
        return batches_from(step, epoch, self.config, self.model, self.train_set, self.team.own)

    def train_on(self, batch: Batch | Dealt, masks: Masks) -> None:
        """One update, on a batch on the device: forward, backward, the optimiser's step.

        Nothing in it moves or waits for anything.
        """
        config = self.config
        grads, bits = self.gradient.of(self.params, batch, masks)
        for params, state, peak in self.networks:
            lr = learning_rate(self.progress.step, self.total_steps, peak, config.schedule, config.warmup)
            self.optimiser.update(params, Gradient(params.layout, grads.arrays), state, lr)

        self.pending_bits = self.pending_bits + bits
        self.progress.pending_words += len(batch)
        self.progress.step += 1

    @property
    def words_seen(self) -> int:
        """Words trained on in this epoch."""
        return self.progress.words + self.progress.pending_words

    def read_bits(self) -> float:
        """Read the cost back from the device and return that of this epoch so far, in bits per word."""
        progress = self.progress
        bits = float(self.backend.to_numpy(self.pending_bits))
        if not bits <= 2 * np.log2(self.model.M) * progress.pending_words:
            self.diverged()
        progress.bits += bits
        progress.words += progress.pending_words
        self.pending_bits, progress.pending_words = self.backend.asarray(np.float32(0)), 0
        return progress.bits / progress.words

    def end_epoch(self, speed: float, check: Callable[[], None], report: Callable[[str], None]) -> None:
        """Evaluate, note it in the history, and save; an interruption while evaluating leaves the epoch unended."""
        progress, ranks = self.progress, self.team.ranks
        if ranks.size > 1:
            # A processor that rounds otherwise would let the ranks drift apart, and nobody would see it.
            ranks.require_same({"parameters": sha256(self.backend.to_numpy(self.params.theta))})
        each = partial(self.team.each, check=check)
        val_bits = bits_per_word(self.model, self.params, self.seen_val_set(), self.backend, each)
        if not val_bits < 1000:  # 2**1024 is no float any more
            self.diverged()
        train_bits = self.read_bits()
        epoch = len(progress.history) + 1
        row = (epoch, progress.step, train_bits, 2**train_bits, val_bits, 2**val_bits, round(speed))
        progress.history.append(dict(zip(ROW, row, strict=True)))
        progress.bits, progress.words = 0.0, 0
        best = best_row(progress.history)["epoch"] == epoch
        # best.npz first: if the process dies in between, the epoch is evaluated again and nothing is lost.
        for name in ("best.npz", "last.npz") if best else ("last.npz",):
            self.save(name)
        self.write_history()
        if time.monotonic() - self.drawn_at > DRAW_SECONDS:
            self.draw()
        if not self.speaks:
            return
        above = "" if self.floor is None else f", {val_bits - self.floor:.3f} bits above the floor"
        report(
            f"epoch {epoch:3}/{self.config.epochs}   train {train_bits:.3f} bits, PPL {2**train_bits:6.2f}   "
            f"validation {val_bits:.3f} bits, PPL {2**val_bits:6.2f}{above}{' best' if best else '     '}   "
            f"{speed:,.0f} words/s"
        )

    def seen_val_set(self) -> Examples:
        """The validation set as it looks now: where the CNN learns too, its features are made anew."""
        if not self.config.trains_cnn:
            return self.val_set
        from mrnn_np.training.seeing import Looking, own_cnn

        cnn = own_cnn(self.start, self.params, self.backend)
        return replace(self.val_set, read_images=Looking(cnn, self.start.standardiser, self.val_set.read_images))

    def checkpoint(self) -> Checkpoint:
        """The state reached, on the host."""
        progress = replace(self.progress, pending_bits=float(self.backend.to_numpy(self.pending_bits)))
        theta = self.backend.to_numpy(self.params.theta)
        return replace(
            self.start,
            params=self.params.with_theta(theta),
            velocity=self.backend.to_numpy(self.velocity),
            progress=progress,
        )

    def save(self, name: str) -> None:
        """Write the state reached to that file of the run's folder, unless it is no longer finite."""
        if not self.speaks:
            return
        checkpoint = self.checkpoint()
        numbers = checkpoint.params.theta, checkpoint.velocity, checkpoint.progress.pending_bits
        if not all(np.isfinite(part).all() for part in numbers):
            self.diverged()
        save_checkpoint(self.out / name, checkpoint, self.allow)
        self.saved_at = time.monotonic()

    def write_history(self) -> None:
        """Write history.csv, once there is something to write."""
        if self.speaks and self.progress.history:
            write_text(self.out / "history.csv", csv_text(self.progress.history), self.allow)

    def draw(self) -> None:
        """Draw curves.png, once there is something to draw."""
        if self.speaks and self.progress.history:
            atomic_write(self.out / "curves.png", learning_curves(self.progress.history).write, self.allow)
        self.drawn_at = time.monotonic()

    def diverged(self) -> None:
        """Give up, with advice."""
        raise Diverged(
            f"training diverged within {READ_EVERY} steps before step {self.progress.step}, with --lr "
            f"{self.config.lr:g}: lower it, or raise --warmup; {self.out / 'last.npz'} is the last good state"
        )


def best_row(history: list[dict[str, float]]) -> dict[str, float]:
    """The first epoch with the lowest validation cost."""
    return min(history, key=lambda row: row["val_bits"])


def report_above(bar: "tqdm[None]", report: Callable[[str], None], line: str) -> None:
    """Print a line above the progress bar, without tearing it."""
    with bar.external_write_mode():
        report(line)
