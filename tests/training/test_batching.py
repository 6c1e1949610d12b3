"""What a batch holds: captions as ever, or whole images, whose beginnings an m-RNN without dropout shares."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.data.examples import Examples
from mrnn_np.data.vocabulary import END
from mrnn_np.model.design import Design
from mrnn_np.model.general import General
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.prefix_sharing import PrefixSharing
from mrnn_np.training.batching import Batching
from mrnn_np.training.checkpoint import load_checkpoint
from mrnn_np.training.config import Config
from mrnn_np.training.interrupts import Interrupted
from mrnn_np.training.setup import new_run, resumed_run
from mrnn_np.training.streams import ORDER, stream
from mrnn_np.training.trainer import Trainer

NO_DROPOUT = {"dropout_e": 0.0, "dropout_r": 0.0, "dropout_m": 0.0, "dropout_I": 0.0}
WHOLE = {"batches": "images", **NO_DROPOUT}
MODEL = MRNN(M=20, d_I=1, d_e=2, d_w=2, d_m=2)
OTHER = General(20, 1, Design("gru"), 2, 2, 2)
CAPTIONS_OF = {7: 3, 2: 1, 5: 4, 9: 2, 4: 1}
"""How many captions each image has."""


def examples():
    """Captions of one word, each another, in an order that mixes the images."""
    images = np.random.default_rng(0).permutation(np.repeat(list(CAPTIONS_OF), list(CAPTIONS_OF.values())))
    sentences = [np.array([3 + i, END], np.int32) for i in range(len(images))]
    return Examples(sentences, images, lambda images: images[:, None].astype(np.float32))


def captions_and_images(batch):
    """The first words of a batch's captions, and its images."""
    return sorted(set(batch.targets.tolist()) - {END}), batch.features[:, 0].astype(int).tolist()


def test_batches_of_captions_are_taken_from_a_random_order_of_captions():
    batching = Batching(Config(batch_size=4, seed=5), MODEL, examples())
    order = stream(5, ORDER, 2).permutation(11)
    assert (batching.steps_per_epoch, batching.units_per_batch, batching.form) == (3, 4, MODEL)
    found = [captions_and_images(batch)[0] for batch, _ in batching.from_step(6, epoch=2)]
    assert found == [sorted((3 + order[start : start + 4]).tolist()) for start in (0, 4, 8)]


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_batches_of_images_hold_all_captions_of_each(dropout):
    data = examples()
    batching = Batching(Config(batch_size=5, **WHOLE | {"dropout_m": dropout}), MODEL, data)
    # 5 captions are those of 2.3 images on average.
    assert (batching.units_per_batch, batching.steps_per_epoch) == (2, 3)
    orders = []
    for epoch in range(2):
        drawn = [captions_and_images(batch) for batch, _ in batching.from_step(3 * epoch, epoch)]
        assert [len(images) for _, images in drawn] == [2, 2, 1]
        for captions, images in drawn:
            assert captions == [3 + i for i, image in enumerate(data.images) if image in images]
        orders.append([image for _, images in drawn for image in images])
        assert sorted(orders[-1]) == sorted(CAPTIONS_OF)
    assert orders[0] != orders[1]


@pytest.mark.parametrize("options", [{}, WHOLE, {"batches": "images"}], ids=["captions", "shared", "images"])
def test_an_epoch_taken_up_in_the_middle_goes_on_with_the_same_batches(options):
    batching = Batching(Config(batch_size=3, **options), MODEL, examples())
    whole = list(batching.from_step(batching.steps_per_epoch, epoch=1))
    assert len(whole) == batching.steps_per_epoch == (5 if options else 4)
    for done in range(len(whole) + 1):
        rest = list(batching.from_step(batching.steps_per_epoch + done, epoch=1))
        for (batch, masks), (same_batch, same_masks) in zip(rest, whole[done:], strict=True):
            for one, other in ((batch, same_batch), (masks, same_masks)):
                assert all(np.array_equal(value, getattr(other, name)) for name, value in vars(one).items())


@pytest.mark.parametrize(
    ("options", "model", "note"),
    [
        ({}, MODEL, "batches of 128 captions"),
        (NO_DROPOUT, MODEL, "batches of 128 captions"),
        ({"batches": "images"}, MODEL, "batches of 58 images with all their captions"),
        (WHOLE, OTHER, "batches of 58 images with all their captions"),
        (WHOLE, MODEL, "batches of 58 images with all their captions, which share the words they begin with"),
    ],
)
def test_beginnings_are_shared_by_an_m_rnn_with_whole_images_and_no_dropout(options, model, note):
    batching = Batching(Config(**options), model, examples())
    assert isinstance(batching.form, PrefixSharing) == ("share" in note)
    assert batching.note == note


def trainer(tiny_flickr8k, out, **options):
    small = {"d_e": 4, "d_w": 5, "d_m": 6, "min_count": 1, "epochs": 2, "batch_size": 8, **WHOLE, **options}
    run = new_run(Config(data=f"flickr8k:{tiny_flickr8k}", **small))
    out.mkdir()
    return Trainer(run.checkpoint, run.train_set, run.val_set, choose_backend("numpy"), out)


def test_a_run_with_shared_beginnings_learns_what_one_without_does(tiny_flickr8k, tmp_path):
    shared, plain = (trainer(tiny_flickr8k, tmp_path / name) for name in ("shared", "plain"))
    assert isinstance(shared.batching.form, PrefixSharing)
    plain.batching.form, plain.batching.batch_of = plain.model, plain.train_set.batch
    for training in (shared, plain):
        training.run(report=lambda line: None)
    assert shared.progress.step == plain.progress.step == 2 * 10
    for found, expected in zip(shared.progress.history, plain.progress.history, strict=True):
        for name in ("train_bits", "val_bits"):
            assert found[name] == pytest.approx(expected[name], rel=1e-5)
    assert shared.params.theta == pytest.approx(plain.params.theta, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_a_run_interrupted_within_an_epoch_resumes_bit_for_bit(dropout, tiny_flickr8k, tmp_path, monkeypatch):
    whole = trainer(tiny_flickr8k, tmp_path / "whole", dropout_m=dropout)
    whole.run(report=lambda line: None)
    stopped, step = trainer(tiny_flickr8k, tmp_path / "stopped", dropout_m=dropout), Trainer.train_on

    def until_step_13(self, batch, masks):
        if self.progress.step == 13:
            raise Interrupted(2)
        step(self, batch, masks)

    monkeypatch.setattr(Trainer, "train_on", until_step_13)
    with pytest.raises(Interrupted):
        stopped.run(report=lambda line: None)
    monkeypatch.undo()
    run = resumed_run(load_checkpoint(tmp_path / "stopped" / "last.npz"))
    assert run.checkpoint.progress.step == 13
    resumed = Trainer(run.checkpoint, run.train_set, run.val_set, choose_backend("numpy"), tmp_path / "stopped")
    resumed.run(report=lambda line: None)
    assert resumed.params.theta.tobytes() == whole.params.theta.tobytes()
    for one, other in zip(resumed.progress.history, whole.progress.history, strict=True):
        assert one["val_bits"] == other["val_bits"]
        assert one["train_bits"] == other["train_bits"]
