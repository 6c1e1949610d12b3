"""What a trained model is asked about: which data, which features, which images."""

import shutil

import numpy as np
import pytest

from mrnn_np.backend.threads import limit_threads
from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.captioning.captioner import Captioner, pictures_among
from mrnn_np.data.captions import load_captions
from mrnn_np.data.features import Features, load_features
from mrnn_np.errors import UserError
from mrnn_np.training.config import config_of
from mrnn_np.training.setup import new_run


@pytest.fixture(scope="module")
def config(tiny_flickr8k):
    return {"data": f"flickr8k:{tiny_flickr8k}", "d_e": 4, "d_w": 5, "d_m": 6, "min_count": 1}


@pytest.fixture(scope="module")
def captioner(config):
    return Captioner.of(new_run(config_of(config)).checkpoint)


@pytest.fixture
def elsewhere(tiny_flickr8k, tmp_path):
    """The same data set in another place, without features."""
    for path in tiny_flickr8k.glob("*.txt"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_features_are_those_named_or_the_datas_own_or_the_trainings(captioner, tiny_flickr8k, elsewhere):
    def path(*named):
        return captioner.open(*named, split="test").features.path

    data, here = f"flickr8k:{elsewhere}", str(tiny_flickr8k / "features.npz")
    assert path() == path(data) == here
    shutil.copy(here, elsewhere / "other.npz")
    assert path(data) == here
    assert (
        path(data, str(elsewhere / "other.npz"))
        == path("", str(elsewhere / "other.npz"))
        == str(elsewhere / "other.npz")
    )
    shutil.copy(here, elsewhere / "features.npz")
    assert path() == here
    assert path(data) == str(elsewhere / "features.npz")


def test_rnn_base_does_without_the_features_of_other_data(config, elsewhere):
    blind = Captioner.of(new_run(config_of({**config, "model": "rnn-base"})).checkpoint)
    opened = blind.open(f"flickr8k:{elsewhere}")
    assert opened.features is None
    assert opened.read_images(opened.split.feature_rows).shape == (10, 0)
    assert len(blind.caption(np.zeros((3, 7), np.float32), None)) == 3


def test_a_split_is_opened_whole_and_in_part(captioner, config):
    opened, data = captioner.open(split="test", limit=3), load_captions(config["data"])
    assert (opened.name, opened.data_set.name) == ("test", config["data"])
    assert opened.whole.images == data.splits["test"]
    assert opened.split.images == data.splits["test"][:3]
    assert captioner.open().name == "dev"
    assert opened.training().images == data.splits["train"]


@pytest.mark.parametrize("search", [None, BeamSearch(3, 2)])
def test_captions_are_the_same_on_any_number_of_threads(captioner, search):
    features = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)
    written, counted = [], []
    for threads in (1, 3):
        with limit_threads(threads):
            written.append(captioner.write(np.arange(200), features.__getitem__, search, counted.append))
    assert sum(counted) == 400
    for one, other in zip(*written, strict=True):
        assert [hypothesis.words for hypothesis in one] == [hypothesis.words for hypothesis in other]
        assert [hypothesis.log2_prob for hypothesis in one] == pytest.approx([h.log2_prob for h in other], rel=1e-5)


def test_an_image_is_one_of_the_features_or_a_picture(captioner, tiny_flickr8k, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    features = load_features(tiny_flickr8k / "features.npz")
    asked = []

    def features_of(source, paths, backend, cnn, weights):
        asked.append((list(paths), cnn, weights))
        return Features(tuple(paths), np.ones((len(paths), features.width), np.float32), "pictures", {})

    monkeypatch.setattr("mrnn_np.vision.photographs.photograph_features", features_of)
    for name in ("image03.jpg", "image3", "mine.png"):
        (tmp_path / name).write_bytes(b"")
    # A very name goes before a file; a file before a name that only could be meant.
    images = ["image03.jpg", "mine.png", "image3", "./image07.jpg"]
    assert pictures_among(images, features) == ["mine.png", "image3"]
    assert pictures_among(images, None) == ["image03.jpg", "mine.png", "image3"]
    seen = captioner.look_at(images, features, "a-cnn", "w.npz")
    assert asked == [(["mine.png", "image3"], "a-cnn", "w.npz")]
    read = captioner.read_images(features)
    expected = captioner.checkpoint.standardiser.apply(np.ones((2, features.width), np.float32))
    np.testing.assert_array_equal(seen[1:3], expected)
    np.testing.assert_array_equal(seen[[0, 3]], read(np.array([3, 7])))
    with pytest.raises(UserError, match=r"--image no\.png: is neither a file nor the name of an image in .*features"):
        captioner.look_at(["no.png"], features)
    with pytest.raises(UserError, match=r"--image no\.png: is no file"):
        captioner.look_at(["no.png"], None)
