"""The weights that come with the package: what they are, that they are as good as they say, and how they came about."""

import numpy as np
import pytest

from mrnn_np.errors import UserError
from mrnn_np.scenes import train_cnn
from mrnn_np.scenes.attributes import ATTRIBUTES
from mrnn_np.scenes.built_in import scene_features
from mrnn_np.scenes.cnn import SHIPPED_WEIGHTS, load_scene_cnn, scene_cnn
from mrnn_np.scenes.dataset import load_scenes, scene_descriptions
from mrnn_np.scenes.train_cnn import evaluate, own_scenes, pictures_and_labels


@pytest.fixture(scope="module")
def shipped():
    return load_scene_cnn()


def test_they_are_of_this_network_and_small(shipped):
    assert SHIPPED_WEIGHTS.stat().st_size <= 1_000_000
    assert shipped.attributes == ATTRIBUTES
    assert shipped.training["network"] == repr(scene_cnn(len(ATTRIBUTES)))


def test_they_were_made_by_the_documented_command(shipped, monkeypatch):
    monkeypatch.setattr("sys.argv", ["train_cnn", "--out", "x.npz"])
    defaults = train_cnn.parse_arguments()
    for name in ("pictures", "epochs", "seed"):
        assert shipped.training[name] == str(getattr(defaults, name))
    assert shipped.training["lr"] == f"{defaults.lr:g}"


def test_they_are_as_good_as_they_say(shipped):
    images, labels = pictures_and_labels(list(scene_descriptions("val").values()))
    bits, accuracy = evaluate(scene_cnn(len(ATTRIBUTES)), shipped.weights, images, labels)
    assert bits == pytest.approx(float(shipped.training["validation bits per attribute"]), rel=0.02)
    assert accuracy == pytest.approx(float(shipped.training["validation accuracy"]), abs=1e-4)
    assert accuracy > 0.997 > 0.98 > 1 - labels.mean()


def test_training_again_begins_as_it_did():
    """A few steps on scenes of the same kind: better than the first guess, how common each attribute is."""
    images, labels = pictures_and_labels(own_scenes(256, seed=0))
    lines = []
    train_cnn.train(images, labels, images[:64], labels[:64], seed=0, epochs=6, report=lines.append)
    common = labels.mean(axis=0).clip(1e-3, 1 - 1e-3)
    first_guess = -(labels * np.log2(common) + ~labels * np.log2(1 - common)).mean()
    assert float(lines[-1].split(": ")[1].split()[0]) < 0.9 * first_guess


def test_its_own_scenes_are_in_no_split():
    own = own_scenes(300, seed=0)
    assert len(set(own)) == 300
    assert not {one.scene for split in load_scenes().values() for one in split.values()} & set(own)


def test_the_features_of_all_scenes_are_kept():
    features = scene_features()
    assert features.values.shape == (5000, len(ATTRIBUTES))
    assert features.names[0] == "train-0000"
    assert features.source["cnn"] == "scene"
    assert (features.path, features.values.tobytes()) == (scene_features().path, scene_features().values.tobytes())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--pictures", "0"), "--pictures is 0; it must be 1 or more"),
        (("--pictures", "10000000000"), "--pictures is 10000000000; it must be 1000000000 or less"),
        (("--epochs", "0"), "--epochs is 0; it must be 1 or more"),
        (("--lr", "nan"), "--lr is nan; it must be 0 or more"),
        (("--seed", "-1"), "--seed is -1; it must be 0 or more"),
        (("--out", "nowhere/x.npz"), "--out: there is no folder nowhere; make it, or name another"),
    ],
)
def test_bad_arguments_are_refused_before_the_work(arguments, message, monkeypatch):
    monkeypatch.setattr("sys.argv", ["train_cnn", "--out", "x.npz", *arguments])
    with pytest.raises(UserError) as refusal:
        train_cnn.parse_arguments()
    assert str(refusal.value) == message
