"""Captions train the CNN: the gradient through both networks, runs that are stopped and go on, and what they leave."""

import signal

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.backend.threads import limit_threads
from mrnn_np.captioning.captioner import Captioner
from mrnn_np.data.batches import pack
from mrnn_np.data.data_set import CaptionData, DataSet
from mrnn_np.data.vocabulary import END
from mrnn_np.errors import UserError
from mrnn_np.gradients.check import check_model
from mrnn_np.gradients.methods import central_difference, relative_error
from mrnn_np.layers import multimodal
from mrnn_np.layers.dropout import Masks
from mrnn_np.model.general import build_model
from mrnn_np.model.params import Params, layout_size
from mrnn_np.model.presets import PRESETS
from mrnn_np.scenes.render import render
from mrnn_np.scenes.world import Scene, Thing
from mrnn_np.training import seeing
from mrnn_np.training.batches import cut, deal_images, deal_out, order_of
from mrnn_np.training.checkpoint import load_checkpoint
from mrnn_np.training.config import config_of
from mrnn_np.training.gradient import all_that_learns
from mrnn_np.training.interrupts import Interrupted
from mrnn_np.training.report import parameter_table
from mrnn_np.training.seeing import SeeingModel, cnn_layout, weights_of
from mrnn_np.training.setup import new_run, resumed_run
from mrnn_np.training.trainer import Trainer
from mrnn_np.vision.cnn import Design, load_cnn
from mrnn_np.vision.network import AveragePool, Conv, Dense, Flatten, Residual, Sigmoid, numbers_made
from mrnn_np.vision.picture_table import PictureTable
from mrnn_np.vision.preprocessing import Preprocessing

NUMPY = choose_backend("numpy")
SCENE = Scene("field", "day", "sun", (Thing("dog", "red"),))
SIZE = 12
TINY = Design(
    (
        Conv("conv1", 3, kernel=3, stride=2, padding=1),
        AveragePool(2, 2),
        Flatten(),
        Dense("hidden", 5),
        Dense("attributes", 4, activation="none"),
        Sigmoid(),
    ),
    "layer",
    Preprocessing("whole", SIZE, (120.0, 110.0, 130.0), (60.0, 50.0, 70.0)),
)
SENTENCES = [np.array(words) for words in ([3, 5, END], [4, 3, 3, END], [5, END], [6, 4, 5, END], [3, END])]
IMAGES = np.array([0, 2, 0, 1, 0])
"""Three captions of one picture, and one of each of two others."""


def two_networks(name="m-rnn"):
    """Small networks of random weights, their parameters, and a batch of pictures and captions with dropout masks."""
    rng = np.random.default_rng(4)
    choice = PRESETS[name].design
    model = build_model(8, 4, choice, 3, 4, 5, d_r=3 if choice.recurrence in ("lstm", "gru") else 0)
    mean, scale = (rng.uniform(*limits, 4).astype(np.float32) for limits in ((0.3, 0.6), (0.1, 0.4)))
    both = SeeingModel(model, TINY, mean, scale)
    layout = model.layout | cnn_layout(TINY)
    params = Params(layout, rng.normal(0, 0.5, layout_size(layout)))
    pictures = rng.integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)
    batch = pack(SENTENCES, IMAGES, pictures.__getitem__)
    return both, params, batch, model.draw_masks(rng, batch, (0.2, 0.2, 0.2, 0.3), np.float64)


def errors(both, params, batch, masks):
    """Of each weight of the CNN, how far its gradient is from a central difference of the bits per word."""

    def cost(theta):
        return both.forward(params.with_theta(theta), batch, masks)[0].mean()

    bits, cache = both.forward(params, batch, masks)
    grads = both.backward(np.full_like(bits, 1 / len(bits)), cache)
    numeric = params.with_theta(central_difference(cost, params.theta))
    return {symbol: relative_error(grads[symbol], numeric[symbol]) for symbol in params}


@pytest.mark.parametrize("name", ["m-rnn", "nic"])
def test_from_the_bits_of_captions_to_every_weight_of_both_networks(name):
    found = errors(*two_networks(name))
    assert {"conv1.K", "conv1.b", "attributes.W"} < found.keys()
    assert all(error < 1e-7 for error in found.values()), found


def unscaled(patch):
    """Forget that the standardiser divides."""
    honest = seeing.network.backward
    patch.setattr(seeing.network, "backward", lambda net, dy, *rest, **how: honest(net, dy * SCALE, *rest, **how))


def last_word_only(patch):
    """Let the words and captions of a picture overwrite one another."""

    def overwritten(dz, image_of, labels):
        dv = np.zeros((len(labels), dz.shape[1]), dz.dtype)
        dv[image_of] = dz
        return dv

    patch.setattr(multimodal, "sum_rows", overwritten)


def without_mask(patch):
    """Forget that dropout let some features through and others not."""
    patch.setattr("mrnn_np.model.mrnn.features_backward", lambda dv, cache: (dv @ cache[1]) / MASK)


SCALE, MASK = two_networks()[0].scale, np.maximum(two_networks()[3].I, 0.1)


@pytest.mark.parametrize("mutant", [unscaled, last_word_only, without_mask])
def test_a_planted_bug_is_found(mutant, monkeypatch):
    mutant(monkeypatch)
    assert max(error for symbol, error in errors(*two_networks()).items() if "." in symbol) > 1e-3


def test_a_picture_of_many_captions_has_the_sum_of_their_gradients():
    both, params, batch, _ = two_networks()

    def gradient(which):
        some = pack([SENTENCES[i] for i in which], IMAGES[which], lambda rows: batch.features[rows])
        bits, cache = both.forward(params, some)
        return both.backward(np.ones_like(bits), cache)["conv1.K"]

    alone = sum(gradient([i]) for i in range(len(SENTENCES)))
    np.testing.assert_allclose(gradient([*range(len(SENTENCES))]), alone, rtol=1e-10, atol=1e-12)


# Batches


def test_an_epoch_goes_from_picture_to_picture(album):
    run = new_run(config(album))
    order = order_of(run.checkpoint.config, run.train_set, np.random.default_rng(1))
    assert sorted(order) == [*range(len(run.train_set.sentences))]
    images = run.train_set.images[order]
    assert np.count_nonzero(np.diff(images)) == len(np.unique(images)) - 1
    assert [*order] != [*order_of(run.checkpoint.config, run.train_set, np.random.default_rng(2))]


@pytest.mark.parametrize("shares", [2, 4])
def test_a_share_has_all_captions_of_its_pictures(shares):
    rng = np.random.default_rng(0)
    lengths, images = rng.integers(1, 20, 60).tolist(), rng.integers(0, 9, 60)
    hands = deal_images(lengths, images, shares)
    assert sorted(np.concatenate(hands)) == [*range(60)]
    assert sum(len(np.unique(images[hand])) for hand in hands) == len(np.unique(images))
    words = [sum(lengths[i] for i in hand) for hand in hands]
    assert max(words) < 2.5 * min(words)


def test_a_batch_in_shares_is_the_batch():
    both, params, batch, masks = two_networks()
    dealt, _ = deal_out(batch, masks, range(2), by_image=True)
    assert sum(len(share.features) for share, _ in dealt.shares.values()) == len(batch.features)
    whole = both.forward(params, batch, masks)[0].sum()
    assert sum(both.forward(params, *share)[0].sum() for share in dealt.shares.values()) == pytest.approx(whole)
    share, its_masks = cut(batch, masks, np.array([1, 2]))
    assert isinstance(its_masks, Masks)
    assert share.features.dtype == np.uint8


# Runs


def options(album, **more):
    small = {"d_e": 4, "d_w": 6, "d_m": 8, "min_count": 1, "epochs": 2, "batch_size": 4, "warmup": 1, "lr": 0.1}
    where = {"data": f"csv:{album}/captions.csv", "pictures": str(album), "train_cnn": "fine-tune"}
    return small | where | more


def config(album, **more):
    return config_of(options(album, **more))


def train(run, out, stop_at=None, backend=NUMPY):
    """Train to the end, or until Ctrl-C comes before a step."""
    out.mkdir(exist_ok=True)
    training = Trainer(run.checkpoint, run.train_set, run.val_set, backend, out)
    step = training.train_on

    def interrupted(batch, masks):
        if training.progress.step == stop_at:
            signal.raise_signal(signal.SIGINT)
        step(batch, masks)

    training.train_on = interrupted
    training.run(lambda line: None)
    return load_checkpoint(out / "last.npz")


@pytest.mark.parametrize(
    "more",
    [{}, {"train_cnn": "from-scratch", "optimiser": "adam"}, {"shares": 2, "clip": 0.0, "model": "nic"}],
    ids=["fine-tune", "from scratch, adam", "shares"],
)
def test_a_run_that_is_stopped_within_an_epoch_goes_on_bit_for_bit(more, album, tmp_path):
    whole = train(new_run(config(album, **more)), tmp_path / "whole")
    with pytest.raises(Interrupted):
        train(new_run(config(album, **more)), tmp_path / "stopped", stop_at=4)
    stopped = load_checkpoint(tmp_path / "stopped" / "last.npz")
    assert stopped.progress.step == 5 or stopped.progress.step == 4
    resumed = train(resumed_run(stopped), tmp_path / "stopped")
    assert resumed.params.theta.tobytes() == whole.params.theta.tobytes()
    assert resumed.velocity.tobytes() == whole.velocity.tobytes()
    same = [[{**row, "words_per_second": 0} for row in each.progress.history] for each in (resumed, whole)]
    assert same[0] == same[1]


def test_both_networks_learn_each_at_a_rate_of_its_own(album, tmp_path):
    run = new_run(config(album, cnn_lr=0.0, l2=0.0))
    begun = run.checkpoint.params.split(run.checkpoint.model.layout)
    still = train(run, tmp_path / "still").params.split(run.checkpoint.model.layout)
    assert (still[0].theta != begun[0].theta).any()
    assert (still[1].theta == begun[1].theta).all()
    run = new_run(config(album, lr=0.0, cnn_lr=0.1))
    moved = train(run, tmp_path / "moved").params.split(run.checkpoint.model.layout)
    assert (moved[0].theta == begun[0].theta).all()
    assert all((moved[1][name] != begun[1][name]).any() for name in begun[1])


def test_fine_tuning_begins_with_the_shipped_weights_and_from_scratch_with_random_ones(album):
    shipped = load_cnn("scene", None, NUMPY).weights
    begun = {
        how: weights_of(new_run(config(album, train_cnn=how)).checkpoint.params)
        for how in ("fine-tune", "from-scratch")
    }
    assert all((begun["fine-tune"][name] == shipped[name]).all() for name in shipped)
    assert all((begun["from-scratch"][name] != shipped[name]).any() for name in shipped)
    another = new_run(config(album, train_cnn="from-scratch", seed=1)).checkpoint.params
    assert (another["conv1.K"] != begun["from-scratch"]["conv1.K"]).any()


def test_what_the_model_sees_at_first_is_centred_and_of_the_size_that_was_chosen(album):
    run = new_run(config(album))
    captioner = Captioner.of(run.checkpoint)
    seen = captioner.read_images(run.sources.features)(np.unique(run.train_set.images))
    np.testing.assert_allclose(seen.mean(axis=0), 0, atol=1e-5)
    assert np.sqrt(np.square(seen).mean()) == pytest.approx(0.4, rel=1e-3)


def test_threads_do_not_change_the_bits_of_shares(album, tmp_path):
    trained = []
    for threads in (1, 2):
        with limit_threads(threads):
            trained.append(train(new_run(config(album, shares=2)), tmp_path / str(threads)))
    assert trained[0].params.theta.tobytes() == trained[1].params.theta.tobytes()
    assert trained[0].progress.history[-1]["val_bits"] == trained[1].progress.history[-1]["val_bits"]


@pytest.mark.parametrize("backend", ["strict", pytest.param("gpu", marks=pytest.mark.gpu)], indirect=True)
def test_a_device_trains_the_same_model(backend, album, tmp_path):
    there, here = (train(new_run(config(album, epochs=1)), tmp_path / on.name, backend=on) for on in (backend, NUMPY))
    np.testing.assert_allclose(there.params.theta, here.params.theta, rtol=1e-3, atol=1e-5)
    assert there.progress.history[-1]["val_bits"] == pytest.approx(here.progress.history[-1]["val_bits"], rel=1e-4)


def test_gradcheck_is_of_both_networks(album):
    run = new_run(config(album))
    both = all_that_learns(run.checkpoint, NUMPY)
    batch = run.train_set.batch(np.arange(4))
    verdicts = [*check_model(both, run.checkpoint.params, batch, NUMPY, np.random.default_rng(0))]
    assert {"V_I", "conv1.K", "attributes.b"} < {verdict.symbol for verdict in verdicts}
    assert all(verdict.passed for verdict in verdicts)


def test_all_parameters_are_in_the_table(album):
    lines = parameter_table(new_run(config(album)).checkpoint.params.layout).splitlines()
    assert any(line.split()[:2] == ["conv1.K", "24"] and line.endswith("CNN") for line in lines[:-1])
    assert len({len(line.removesuffix(line.split("  ")[-1])) for line in lines}) == 1


# What is refused


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"model": "rnn-base"}, "--train-cnn: this model never sees an image"),
        ({"features": "features.npz"}, "--train-cnn makes the features of pictures as it learns; leave --features out"),
        ({"train_cnn": "no"}, "--pictures is of --train-cnn; type that too, or leave --pictures out"),
        ({"train_cnn": "no", "pictures": "", "cnn": "alexnet"}, "--cnn is of --train-cnn"),
        ({"train_cnn": "no", "pictures": "", "cnn_lr": 1.0}, "--cnn-lr is of --train-cnn"),
        ({"pictures": ""}, "draws no pictures itself; name their folder with --pictures DIR"),
        ({"pictures": "nowhere"}, "nowhere: no such image or folder"),
        ({"cnn": "abacus"}, "--cnn: there is no CNN 'abacus'; expected one of scene, "),
        ({"cnn": "alexnet"}, "--cnn alexnet: its weights are no package, so it cannot be trained on"),
        ({"cnn": "vgg16", "train_cnn": "from-scratch"}, "vgg16 cannot begin with random numbers; take --cnn scene"),
    ],
)
def test_what_cannot_be_is_refused(more, message, album):
    with pytest.raises(UserError, match=message):
        new_run(config(album, **more))


def test_a_batch_of_pictures_that_does_not_fit_is_refused_before_it_is_looked_at(album, monkeypatch):
    # Two captions a picture make two pictures of four captions; each number is of four bytes and kept twice.
    made = numbers_made(load_cnn("scene", None, NUMPY).design.network, (96, 96, 3))
    monkeypatch.setattr("mrnn_np.backend.room.room", lambda: 2 * made * 4 * 2)
    monkeypatch.setattr(seeing, "first_features", lambda *rest: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        new_run(config(album))
    with pytest.raises(UserError, match=r"a batch of 3 pictures takes .* does not fit in memory; lower --batch-size"):
        new_run(config(album, batch_size=6))


def test_what_the_layers_of_a_network_make_is_counted():
    conv, pooled, flat = 6 * 6 * 3, 3 * 3 * 3, 3 * 3 * 3
    assert numbers_made(TINY.network, (SIZE, SIZE, 3)) == conv + pooled + flat + 5 + 4 + 4
    assert numbers_made((Residual((Conv("c", 3, kernel=1),)),), (2, 2, 3)) == 12 + 12


def test_a_folder_of_other_pictures_is_refused(album, tmp_path):
    render(SCENE).save(tmp_path / "x.png")
    with pytest.raises(
        UserError, match=r"6 images has a picture in .*; they are named like .*, its pictures like 'x.png'$"
    ):
        new_run(config(album, pictures=str(tmp_path)))


def test_a_data_set_may_draw_its_pictures(monkeypatch):
    data = CaptionData("drawn", {"train": ("a", "b"), "val": ("c",)}, {}, ())
    drawn = DataSet("drawn", lambda: data, picture=lambda name, size: render(SCENE, size, variation=ord(name)))
    monkeypatch.setattr(seeing, "open_data_set", lambda spec: drawn)
    pictures = seeing.pictures_of(config_of({"data": "scenes", "train_cnn": "fine-tune"}))
    assert (pictures.names, pictures.path, pictures.row_of["c"]) == (("a", "b", "c"), "pictures of drawn", 2)
    assert (pictures.values[np.array([2])][0] == np.asarray(render(SCENE, 96, variation=ord("c")))).all()


def test_pictures_that_changed_are_noticed(album, tmp_path):
    for path in album.glob("*.png"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    checkpoint = new_run(config(album, pictures=str(tmp_path))).checkpoint
    resumed_run(checkpoint)
    render(SCENE).save(tmp_path / "white-car.png")
    with pytest.raises(UserError, match=r"--resume: the data in .* or its features changed since"):
        resumed_run(checkpoint)


def test_a_picture_is_read_once(album):
    read = []
    table = PictureTable(
        lambda row: read.append(row) or render(SCENE), 4, Preprocessing("whole", SIZE, (0,) * 3, (1,) * 3)
    )
    assert table[np.array([2, 0, 2])].shape == (3, SIZE, SIZE, 3)
    assert (table[np.array([0])] == table[np.array([2])]).all()
    assert sorted(read) == [0, 2]
