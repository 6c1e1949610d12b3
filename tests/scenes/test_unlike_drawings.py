"""When it does not know, it says so: the warning of pictures that show nothing the CNN of drawings has seen."""

import numpy as np
import pytest
from measure_strangers import NOTHING, STRANGERS, captions_by, measure

from mrnn_np.backend import choose_backend
from mrnn_np.captioning.captioner import Captioner
from mrnn_np.scenes import train_unlike
from mrnn_np.scenes.cnn import as_input
from mrnn_np.scenes.dataset import own_scenes, scene_descriptions
from mrnn_np.scenes.many_hands import in_many_hands
from mrnn_np.scenes.nothing import nothing
from mrnn_np.scenes.render import pictures_of
from mrnn_np.scenes.train_unlike import direction_between, find
from mrnn_np.vision.cnn import load_cnn
from mrnn_np.vision.unlike import load_unlike, unlike_training


@pytest.fixture(scope="module")
def cnn():
    return load_cnn(train_unlike.CNN, None, choose_backend("numpy"))


def test_most_pictures_of_nothing_are_warned_of():
    pictures = sorted(NOTHING.glob("*.png"))
    assert len(pictures) == 40
    assert sum(Captioner.load("drawings").unlike_pictures(pictures)) >= 35


def test_few_scenes_are(cnn):
    pictures = pictures_of(scene_descriptions("test").values())
    warned = np.concatenate([unlike_training(cnn, as_input(pictures[i : i + 64])) for i in range(0, len(pictures), 64)])
    assert warned.mean() <= 0.02


def test_most_of_what_is_said_of_strangers_drawings_is_true_and_little_of_that_is_warned_of():
    captioner = Captioner.load("drawings")
    captions = captions_by(captioner)
    assert measure(captions).share_true > 0.7
    true = [STRANGERS / f"{name}.png" for name, caption in captions.items() if not measure({name: caption}).false]
    assert len(true) >= 39
    assert sum(captioner.unlike_pictures(true)) <= 3


def test_it_is_that_of_the_weights_there_are_by_the_documented_command(cnn, monkeypatch):
    shipped = load_unlike(cnn.design.unlike)
    monkeypatch.setattr("sys.argv", ["train_unlike", "--out", "x.npz"])
    number = train_unlike.parse_arguments().pictures
    assert shipped.weights == cnn.source["weights"]
    assert shipped.training["scenes, classic"] == shipped.training["scenes, drawings"] == f"{number}"
    assert shipped.training["pictures of nothing"] == f"{number}"


def test_the_direction_is_fishers():
    rng = np.random.default_rng(0)
    ones = (rng.normal(size=(4000, 2)) * [1, 3]).astype(np.float32)
    others = ones + np.float32([1, 3])
    mean_variance = (1 + 9) / 2 * train_unlike.SHRINKAGE
    expected = np.array([1 / (1 + mean_variance), 3 / (9 + mean_variance)])
    np.testing.assert_allclose(direction_between(ones, others), expected / np.linalg.norm(expected), atol=0.03)


def test_found_again_it_tells_the_same(cnn):
    """A few pictures do for most of it; none of them is warned of more often than was asked for."""
    own = own_scenes(400, seed=5)
    scenes = {"classic": pictures_of(own[:200]), "drawings": in_many_hands(own[200:], seed=5)[0]}
    found = find(cnn, scenes, np.stack([np.asarray(nothing(seed)) for seed in range(200)]))
    assert float(found.training["of drawings held out, warned"]) <= 0.05
    assert float(found.training["of others held out, warned"]) > 0.6
    assert found.weights == cnn.source["weights"]
