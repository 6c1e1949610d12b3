"""The loop: what it saves and when, what it says, and what stops it."""

import re
import signal

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.backend.threads import limit_threads
from mrnn_np.data.batches import unpack
from mrnn_np.errors import Diverged
from mrnn_np.training import trainer as module
from mrnn_np.training.checkpoint import load_checkpoint
from mrnn_np.training.config import Config
from mrnn_np.training.interrupts import Interrupted, Interrupts
from mrnn_np.training.setup import new_run
from mrnn_np.training.streams import ORDER, stream
from mrnn_np.training.trainer import Trainer, best_row

SMALL = {"d_e": 4, "d_w": 5, "d_m": 6, "min_count": 1, "epochs": 3, "batch_size": 16, "warmup": 2}


@pytest.fixture
def trainer(tiny_flickr8k, tmp_path):
    """A training of five steps an epoch; `saved` holds the file and step of every save, `lines` what it reported."""

    def make(floor=None, **options):
        run = new_run(Config(data=f"flickr8k:{tiny_flickr8k}", **SMALL | options))
        with limit_threads(1):  # so that a batch is one share, which is easy to look at
            training = Trainer(run.checkpoint, run.train_set, run.val_set, choose_backend("numpy"), tmp_path, floor)
        training.saved, save = [], training.save

        def watched(name):
            save(name)
            training.saved.append((name, training.progress.step))

        training.save, training.lines = watched, []
        return training

    return make


def test_an_epoch_is_saved_the_best_first(trainer):
    training = trainer(lr=0.05)
    training.run(training.lines.append)
    bits = [row["val_bits"] for row in training.progress.history]
    assert bits == sorted(bits, reverse=True)
    assert training.saved == [(name, step) for step in (5, 10, 15) for name in ("best.npz", "last.npz")]


def test_an_epoch_that_is_no_better_leaves_the_best_alone(trainer):
    training = trainer(lr=0)
    training.run(training.lines.append)
    assert training.saved == [("best.npz", 5), ("last.npz", 5), ("last.npz", 10), ("last.npz", 15)]


def test_within_a_long_epoch_the_state_is_saved_now_and_then(trainer, monkeypatch, tmp_path):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    training = trainer(epochs=1, batch_size=4)
    step = training.train_on

    def slow(batch, masks):
        step(batch, masks)
        now[0] += 50

    training.train_on = slow
    training.run(training.lines.append)
    steps = [number for name, number in training.saved[:-2] if name == "last.npz"]
    assert steps == [3, 6, 9, 12, 15, 18]
    assert load_checkpoint(tmp_path / "last.npz").progress.step == 20


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_model_that_is_not_finite_is_never_saved(trainer, tmp_path, number):
    training = trainer()
    training.save("last.npz")
    before = (tmp_path / "last.npz").read_bytes()
    training.params.theta[3] = number
    with pytest.raises(Diverged, match=r"--lr 0\.1: lower it, or raise --warmup; .*last\.npz is the last good state"):
        training.save("last.npz")
    assert (tmp_path / "last.npz").read_bytes() == before


def test_a_cost_worse_than_twice_blind_guessing_is_divergence(trainer):
    training = trainer()
    blind = np.log2(training.model.M)
    training.progress.pending_words = 100
    training.pending_bits = np.float32(1.9 * blind * 100)
    assert training.read_bits() == pytest.approx(1.9 * blind)
    training.progress.pending_words, training.pending_bits = 100, np.float32(2.1 * blind * 100)
    with pytest.raises(Diverged, match="within 20 steps before step 0"):
        training.read_bits()


def test_the_cost_of_an_epoch_is_the_mean_over_its_words(trainer):
    training = trainer(epochs=2, batch_size=3)
    costs, step = [], training.train_on

    def watched(batch, masks):
        before = float(training.pending_bits)
        step(batch, masks)
        costs.append((float(training.pending_bits) - before, len(batch)))

    training.train_on = watched
    training.run(training.lines.append)
    per_epoch = training.steps_per_epoch
    for epoch, row in enumerate(training.progress.history):
        bits, words = np.sum(costs[epoch * per_epoch : (epoch + 1) * per_epoch], axis=0)
        assert words == training.train_set.words
        assert row["train_bits"] == pytest.approx(bits / words, rel=1e-4)
        assert (row["epoch"], row["step"]) == (epoch + 1, (epoch + 1) * per_epoch)


@pytest.mark.parametrize("floor", [None, 0.75])
def test_the_line_of_an_epoch(trainer, floor):
    training = trainer(floor=floor)
    training.run(training.lines.append)
    for line, row in zip(training.lines, training.progress.history, strict=True):
        found = re.search(r"validation ([\d.]+) bits, PPL +([\d.]+)(?:, (-?[\d.]+) bits above the floor)?", line)
        assert found[1] == f"{row['val_bits']:.3f}"
        assert found[2] == f"{row['val_ppl']:.2f}"
        assert found[3] == (None if floor is None else f"{row['val_bits'] - 0.75:.3f}")


def test_after_each_epoch_an_example_of_the_model_of_now(trainer):
    training, thetas = trainer(), []
    training.run(training.lines.append, example=lambda params: thetas.append(params.theta.copy()) or "an example")
    assert [line[:9] for line in training.lines] == [
        "epoch   1",
        "an exampl",
        "epoch   2",
        "an exampl",
        "epoch   3",
        "an exampl",
    ]
    assert (thetas[-1] == training.params.theta).all()
    assert (thetas[0] != thetas[1]).any()


def test_the_first_of_equal_epochs_is_the_best():
    assert best_row([{"epoch": n, "val_bits": bits} for n, bits in enumerate((3.0, 2.0, 2.5, 2.0), 1)])["epoch"] == 2


def test_a_step_follows_the_schedule(trainer, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "learning_rate", lambda *args: asked.append(args) or 0.1)
    training = trainer(epochs=2, lr=0.3, schedule="step", warmup=7)
    training.run(training.lines.append)
    assert asked == [(step, 10, 0.3, "step", 7) for step in range(10)]


def test_an_epoch_is_a_random_order_of_all_captions_in_batches(trainer):
    training = trainer(batch_size=36, seed=5)
    sentences, images = training.train_set.sentences, training.train_set.images
    assert (len(sentences), training.steps_per_epoch) == (80, 3)
    order = stream(5, ORDER, 2).permutation(80)
    batches = [batch for batch, _ in training.batches_from(6, epoch=2)]
    for batch, some in zip(batches, (order[:36], order[36:72], order[72:]), strict=True):
        found = [words.tolist() for words in unpack(batch.targets, batch)]
        assert found == [sentences[i].tolist() for i in some]
        assert len(batch.features) == len(set(images[some].tolist()))


def test_an_epoch_taken_up_in_the_middle_goes_on_with_the_same_batches(trainer):
    training = trainer()
    whole = list(training.batches_from(5, epoch=1))
    assert len(whole) == training.steps_per_epoch == 5
    for done in range(6):
        rest = list(training.batches_from(5 + done, epoch=1))
        for (batch, masks), (same_batch, same_masks) in zip(rest, whole[done:], strict=True):
            for one, other in ((batch, same_batch), (masks, same_masks)):
                assert all(np.array_equal(value, getattr(other, name)) for name, value in vars(one).items())


def test_masks_differ_from_step_to_step_and_come_back_with_the_seed(trainer):
    def masks(first, epoch, seed=0):
        training = trainer(seed=seed, batch_size=20)
        return [drawn.I[:10].tobytes() for _, drawn in training.batches_from(first, epoch)]

    assert len({*masks(0, 0), *masks(4, 1)}) == 8
    assert masks(0, 0) == masks(0, 0)
    assert masks(2, 0) == masks(0, 0)[2:]
    assert not {*masks(0, 0)} & {*masks(0, 0, seed=1)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_remembered_and_the_second_is_as_usual(number):
    came = []
    before = signal.signal(number, lambda *args: came.append("usual"))
    try:
        with Interrupts() as interrupts:
            interrupts.check()
            signal.raise_signal(number)
            assert came == []
            signal.raise_signal(number)
            assert came == ["usual"]
            with pytest.raises(Interrupted) as stopped:
                interrupts.check()
        assert stopped.value.exit_status == 128 + number
        signal.raise_signal(number)
        assert came == ["usual", "usual"]
        with Interrupts():
            pass
        signal.raise_signal(number)
        assert came == ["usual"] * 3
    finally:
        signal.signal(number, before)
