"""The weights that look at people's own drawings: what they are, that they are as good as they say, and where from."""

import pytest

from mrnn_np.scenes import train_drawings_cnn
from mrnn_np.scenes.attributes import ATTRIBUTES
from mrnn_np.scenes.cnn import SHIPPED_WEIGHTS, load_scene_cnn
from mrnn_np.scenes.dataset import scene_descriptions
from mrnn_np.scenes.drawings_cnn import DRAWINGS_WEIGHTS, drawings_cnn
from mrnn_np.scenes.train_cnn import evaluate, pictures_and_labels
from mrnn_np.scenes.train_drawings_cnn import CLASSIC, drawings_and_labels
from mrnn_np.vision.weight_files import sha256_of


@pytest.fixture(scope="module")
def shipped():
    return load_scene_cnn(DRAWINGS_WEIGHTS, drawings_cnn)


@pytest.fixture(scope="module")
def scenes():
    return list(scene_descriptions("val").values())


def test_they_are_of_this_network_and_small(shipped):
    assert DRAWINGS_WEIGHTS.stat().st_size <= 3_000_000
    assert shipped.attributes == ATTRIBUTES
    assert shipped.training["network"] == repr(drawings_cnn(len(ATTRIBUTES)))


def test_they_were_made_by_the_documented_command(shipped, monkeypatch):
    monkeypatch.setattr("sys.argv", ["train_drawings_cnn", "--out", "x.npz"])
    defaults = train_drawings_cnn.parse_arguments()
    for name in ("epochs", "seed"):
        assert shipped.training[name] == str(getattr(defaults, name))
    assert shipped.training["rough pictures"] == str(defaults.rough)
    assert shipped.training["stage"] == "2"
    assert shipped.training["lr"] == f"{defaults.lr:g}, then {defaults.sgd_lr:g}"
    assert shipped.training["pictures"] == f"{defaults.pictures}, every {CLASSIC}th in the classic hand"
    assert shipped.training["begun with"] == f"{SHIPPED_WEIGHTS.name}, SHA-256 {sha256_of(SHIPPED_WEIGHTS)}"


@pytest.mark.parametrize(("pictures", "least"), [("classic pictures", 0.99), ("drawings", 0.975)])
def test_they_are_as_good_as_they_say(shipped, scenes, pictures, least):
    val = pictures_and_labels(scenes) if pictures == "classic pictures" else drawings_and_labels(scenes, seed=1)
    bits, accuracy = evaluate(drawings_cnn(len(ATTRIBUTES)), shipped.weights, *val)
    assert bits == pytest.approx(float(shipped.training[f"bits per attribute of validation {pictures}"]), rel=0.03)
    assert accuracy == pytest.approx(float(shipped.training[f"accuracy of validation {pictures}"]), abs=5e-4)
    assert accuracy > least
