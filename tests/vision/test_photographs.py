"""Features of pictures named on the command line are those that the model was trained on, or are refused."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mrnn_np.backend import choose_backend
from mrnn_np.captioning.captioner import Captioner
from mrnn_np.errors import UserError
from mrnn_np.scenes import cnn as scene_cnn
from mrnn_np.scenes.attributes import ATTRIBUTES
from mrnn_np.scenes.render import render
from mrnn_np.scenes.world import Scene, Thing
from mrnn_np.training.setup import image_reader
from mrnn_np.vision.cnn import load_cnn, source_of
from mrnn_np.vision.photographs import features_of_files, photograph_features

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


@pytest.fixture(scope="module")
def captioner():
    return Captioner.load("scenes")


@pytest.fixture
def stranger(tmp_path):
    """A drawing of a hand that the scene CNN does not know: a box on wheels in a meadow."""
    path = tmp_path / "car.png"
    image = Image.new("RGB", (96, 96), "skyblue")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 60, 96, 96), fill="limegreen")
    draw.rectangle((20, 50, 76, 70), fill="red")
    draw.rectangle((34, 36, 62, 50), fill="red")
    for x in (32, 64):
        draw.ellipse((x - 7, 63, x + 7, 77), fill="black")
    image.save(path)
    return path


def test_another_cnn_looks_at_pictures_unlike_those_of_the_training_only(captioner, picture, stranger):
    found = captioner.picture_features([picture, stranger])
    by_name = {name: load_cnn(name, None, NUMPY) for name in ("scene", "drawings")}
    for row, (path, cnn) in enumerate(((picture, "scene"), (stranger, "drawings"))):
        expected = features_of_files(by_name[cnn], [path]).values[0]
        assert found.values[row].tobytes() == expected.tobytes()
        assert captioner.cnn_of(path).source["cnn"] == cnn
        assert captioner.cnn().source["cnn"] == "scene"
    assert captioner.read_images(found)(np.arange(2)).shape == (2, len(ATTRIBUTES))


def test_weights_that_somebody_names_are_those_that_look(captioner, stranger):
    own = captioner.picture_features([stranger], weights=scene_cnn.SHIPPED_WEIGHTS)
    assert own.values.tobytes() == features_of_files(captioner.cnn(), [stranger]).values.tobytes()
    assert captioner.cnn_of(stranger, weights=scene_cnn.SHIPPED_WEIGHTS).source["cnn"] == "scene"


def test_features_of_what_stands_in_are_read_by_a_model_of_the_scenes_only(captioner, picture):
    found = features_of_files(load_cnn("drawings", None, NUMPY), [picture])
    assert found.source["stands in for"] == "scene"
    assert captioner.read_images(found)(np.array([0])).shape == (1, len(ATTRIBUTES))
    other = replace(captioner.checkpoint, source=captioner.checkpoint.source | {"cnn": "vgg16"})
    with pytest.raises(UserError, match="cnn is 'drawings'; the checkpoint was trained on 'vgg16'"):
        image_reader(other, found)
