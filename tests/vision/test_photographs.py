"""Features of pictures named on the command line are those that the model was trained on, or are refused."""

import numpy as np
import pytest
from PIL import Image

from mrnn_np.backend import choose_backend
from mrnn_np.errors import UserError
from mrnn_np.scenes import cnn as scene_cnn
from mrnn_np.scenes.attributes import ATTRIBUTES
from mrnn_np.scenes.render import render
from mrnn_np.scenes.world import Scene, Thing
from mrnn_np.vision.cnn import source_of
from mrnn_np.vision.photographs import photograph_features

SCENE = Scene("sea", "day", "sun", (Thing("boat", "red", action="sail"),))
NUMPY = choose_backend("numpy")


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "boat.png"
    render(SCENE).save(path)
    return path


def test_they_are_the_cnns(weights, picture, tmp_path):
    other = tmp_path / "grey.jpg"
    Image.new("RGB", (640, 480), "grey").save(other)
    source = source_of("scene", weights)
    found = photograph_features(source, [picture, other], NUMPY, weights_file=weights)
    assert found.names == (str(picture), str(other))
    assert found.source == source
    expected = scene_cnn.features(np.asarray(render(SCENE))[None], scene_cnn.load_scene_cnn(weights).weights)
    assert np.allclose(found.values[:1], expected, rtol=1e-4, atol=1e-4)


def test_the_cnn_may_be_named_where_nobody_knows_it(weights, picture):
    found = photograph_features({}, [picture], NUMPY, "scene", weights)
    assert found.width == len(ATTRIBUTES)
    with pytest.raises(UserError, match="do not say which CNN made them; name it with --cnn"):
        photograph_features({}, [picture], NUMPY)


@pytest.mark.parametrize(
    ("change", "cnn", "message"),
    [
        ({}, "vgg16", "--cnn: the model was trained on features of scene, not of vgg16; leave --cnn out"),
        ({"layer": "fc7"}, "", "--image: the model was trained on features whose layer is 'fc7', not 'probabilities'"),
        ({"weights": "0" * 64}, "", "--image: the model was trained on features whose weights is '0000"),
    ],
)
def test_another_cnn_is_refused(weights, picture, change, cnn, message):
    with pytest.raises(UserError) as refusal:
        photograph_features(source_of("scene", weights) | change, [picture], NUMPY, cnn, weights)
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


def test_a_picture_that_cannot_be_read(weights, tmp_path):
    (tmp_path / "no.jpg").write_text("no picture")
    with pytest.raises(UserError, match=r"no\.jpg"):
        photograph_features(source_of("scene", weights), [tmp_path / "no.jpg"], NUMPY, weights_file=weights)
