"""Training the CNN that looks at people's own drawings: its pictures, what it begins with, and its gradients."""

from dataclasses import replace

import numpy as np
import pytest

from mrnn_np.backend.threads import limit_threads
from mrnn_np.errors import UserError
from mrnn_np.scenes import train_drawings_cnn
from mrnn_np.scenes.attributes import ATTRIBUTES, attributes
from mrnn_np.scenes.cnn import initial_weights, load_scene_cnn, save_scene_cnn, scene_cnn
from mrnn_np.scenes.dataset import scene_descriptions
from mrnn_np.scenes.drawings_cnn import drawings_cnn
from mrnn_np.scenes.many_hands import in_many_hands
from mrnn_np.scenes.train_cnn import (
    begun_with,
    gradients,
    gradients_on_each_core,
    mirror,
    train,
)
from mrnn_np.scenes.train_drawings_cnn import drawings_and_labels
from mrnn_np.vision.network import masks, run


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def scenes():
    return list(scene_descriptions("val").values())


def test_labels_are_of_what_is_seen(scenes):
    images, labels = drawings_and_labels(scenes[:12], seed=3, classic=4)
    again, seen = in_many_hands(scenes[:12], seed=3, classic=4)
    assert (images == again).all()
    assert labels.dtype == bool
    assert (labels == [attributes(scene) for scene in seen]).all()


def test_it_begins_as_the_scene_cnn_whose_map_its_deeper_layers_leave_alone(rng):
    known = load_scene_cnn().weights
    weights = initial_weights(drawings_cnn(len(ATTRIBUTES)), rng)
    begun_with(weights, known)
    pictures = rng.normal(size=(2, 96, 96, 3)).astype(np.float32)
    deeper = run(drawings_cnn(len(ATTRIBUTES))[:-1], weights, pictures)
    plain = run(scene_cnn(len(ATTRIBUTES))[:-1], known, pictures)
    assert np.allclose(deeper[:, : plain.shape[1]], plain, rtol=1e-5, atol=1e-5)
    assert np.abs(deeper[:, plain.shape[1] :]).max() > 0.1


def test_seen_from_behind_left_is_right(rng):
    images = rng.integers(0, 256, (3, 96, 96, 3)).astype(np.uint8)
    labels = np.zeros((3, len(ATTRIBUTES)), bool)
    labels[:, [ATTRIBUTES.index(name) for name in ("dog", "left of tree")]] = True
    turned, renamed = images.copy(), labels.copy()
    mirror(turned, renamed, np.array([True, False, True]))
    assert (turned[0] == images[0, :, ::-1]).all()
    assert (turned[1] == images[1]).all()
    assert [ATTRIBUTES[n] for n in np.flatnonzero(renamed[0])] == ["dog", "right of tree"]
    assert (renamed[1] == labels[1]).all()


def test_gradients_of_all_cores_are_those_of_one(rng):
    network = drawings_cnn(3)
    weights = initial_weights(network, rng)
    images, labels = rng.integers(0, 256, (5, 96, 96, 3)).astype(np.uint8), rng.random((5, 3)) < 0.5
    dropped = masks(network, (96, 96, 3), 5, rng)
    bits, grads = gradients(network, weights, images, labels, dropped)
    with limit_threads(2):
        of_all, shared = gradients_on_each_core(network, weights, images, labels, dropped)
    assert of_all == pytest.approx(bits, rel=1e-5)
    for name, gradient in grads.items():
        assert np.allclose(shared[name], gradient, rtol=1e-3, atol=1e-4 * np.abs(gradient).max()), name


def test_two_stages_of_which_the_first_is_not_done_again(tmp_path, monkeypatch, capsys):
    some = dict(list(scene_descriptions("val").items())[:3])
    monkeypatch.setattr(train_drawings_cnn, "scene_descriptions", lambda split: some)
    stages = []

    def watched(images, *others, lr, last_lr=0.0, optimiser="sgd", begin, **options):
        stages.append((len(images), optimiser, lr, last_lr))
        return train(images, *others, lr=lr, last_lr=last_lr, optimiser=optimiser, begin=begin, **options)

    monkeypatch.setattr(train_drawings_cnn, "train", watched)
    out = tmp_path / "x.npz"
    monkeypatch.setattr("sys.argv", f"train --out {out} --rough 4 --pictures 6 --epochs 1 --sgd-lr 0.0005".split())
    assert train_drawings_cnn.main() == 0
    assert stages == [(4, "adam", 0.001, 0.0005), (6, "sgd", 0.0005, 0.0)]
    done = load_scene_cnn(out, drawings_cnn)
    assert done.training["stage"] == "2"
    save_scene_cnn(out, replace(done, training=done.training | {"stage": "1"}))
    assert train_drawings_cnn.main() == 0
    assert stages[2:] == [(6, "sgd", 0.0005, 0.0)]
    again = load_scene_cnn(out, drawings_cnn)
    assert (again.weights["hidden.W"] != done.weights["hidden.W"]).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--pictures", "0"), "--pictures is 0; it must be 1 or more"),
        (("--out", "nowhere/x.npz"), "--out: there is no folder nowhere; make it, or name another"),
    ],
)
def test_bad_arguments_are_refused_before_the_work(arguments, message, monkeypatch):
    monkeypatch.setattr("sys.argv", ["train_drawings_cnn", "--out", "x.npz", *arguments])
    with pytest.raises(UserError) as refusal:
        train_drawings_cnn.parse_arguments()
    assert str(refusal.value) == message
